import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PACKAGE_VERSION } from '../../lib/delivery/sdk-version.js';
import { QuonfigService } from '../../lib/index.js';
import { envelopeOf, SDK_KEY } from '../support/delivery-server.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { connectTo, proxyTo, serve, until } from '../support/networked.js';

const first = envelopeOf({ generation: 7, version: 'v7', values: { greeting: 'hello' } });

describe('health()', () => {
  it('health() returns the state of a connected service as plain JSON', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server);
    await until(() => expect(service.connectionState()).toBe('connected'));
    const health = service.health();
    expect(JSON.parse(JSON.stringify(health))).toEqual(health);
    expect(health).toEqual({
      ready: true,
      mode: 'stream',
      connectionState: 'connected',
      terminalFailure: false,
      fallbackPollerActive: false,
      lastSuccessfulRefresh: service.lastSuccessfulRefresh()!.toISOString(),
      ageMs: expect.any(Number),
      generation: 7,
      version: 'v7',
      environment: 'production',
      source: 'fetch',
      resolvedFrom: 'primary',
      installs: 1,
      restarts: 0,
      lastError: null,
      olderThanFiles: false,
      telemetry: 'on',
    });
    expect(health.ageMs).toBeGreaterThanOrEqual(0);
    expect(Number.isInteger(health.ageMs)).toBe(true);
  });

  it('health() returns the state of a service that never had configs', async () => {
    const server = await serve();
    server.configs.answerAlways({ status: 500, body: 'out of order' });
    server.stream.answerAlways('hold');
    const { service } = await connectTo(server, { onInitFailure: 'return-defaults' });
    expect(service.health()).toMatchObject({
      ready: false,
      connectionState: 'initializing',
      lastSuccessfulRefresh: null,
      ageMs: null,
      generation: 0,
      version: null,
      environment: null,
      resolvedFrom: '',
      lastError: expect.stringMatching(/status 500: out of order/),
    });
  });

  it('health() counts restarts and includes the last error without the SDK key', async () => {
    const server = await serve({ envelope: first });
    const proxy = await proxyTo(server);
    const { service } = await connectTo(proxy);
    await until(() => expect(service.connectionState()).toBe('connected'));
    await proxy.refuse();
    await until(() => expect(service.health().restarts).toBeGreaterThan(1));
    await expect(service.refresh()).rejects.toThrow();
    const { lastError } = service.health();
    expect(lastError).toMatch(/ECONNREFUSED/);
    expect(lastError).not.toContain(SDK_KEY);
    expect(service.metrics()).toMatchObject({ lastError, failedRefreshes: 1, installs: 1 });
  });

  it.each([
    ['poll', { enableSSE: false }],
    ['manual', { enableSSE: false, fallbackPollEnabled: false }],
  ])('health() returns the mode "%s"', async (mode, options) => {
    const { service } = await connectTo(await serve({ envelope: first }), options);
    expect(service.health().mode).toBe(mode);
  });

  it('health() returns the state of a service with a datafile', async () => {
    const service = await QuonfigService.create({ datafile: first, logger: new RecordingLogger() });
    expect(service.health()).toEqual({
      ready: true,
      mode: 'local',
      connectionState: 'connected',
      terminalFailure: false,
      fallbackPollerActive: false,
      lastSuccessfulRefresh: expect.any(String),
      ageMs: expect.any(Number),
      generation: 7,
      version: 'v7',
      environment: 'production',
      source: 'datafile',
      resolvedFrom: '',
      installs: 1,
      restarts: 0,
      lastError: null,
      olderThanFiles: false,
      telemetry: 'off',
    });
    expect(service.sseFailedOverToSecondary()).toBe(false);
    service.suspend();
    expect(service.connectionState()).toBe('disconnected');
    await service.reconnect();
    expect(service.connectionState()).toBe('connected');
    await service.close();
    expect(service.health().connectionState).toBe('disconnected');
  });
});

describe('metrics()', () => {
  it('metrics() counts failed polls as restarts of the poll layer', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server, { enableSSE: false, fallbackPollIntervalMs: 20 });
    expect(service.metrics().restarts.poll.worker_throw).toBe(0);
    server.configs.answerNext({ status: 500 }, { status: 500 });
    await until(() => expect(service.metrics().restarts.poll.worker_throw).toBe(1));
    expect(service.metrics().sdkVersion).toBe(`nestjs-${PACKAGE_VERSION}`);
  });
});

describe('PACKAGE_VERSION', () => {
  it('PACKAGE_VERSION equals the version of the package', () => {
    const manifest = new URL('../../package.json', import.meta.url);
    expect(JSON.parse(readFileSync(manifest, 'utf8'))).toMatchObject({ version: PACKAGE_VERSION });
  });
});
