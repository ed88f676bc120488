import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ConfigStore, type QuonfigModuleOptions } from '../../lib/index.js';
import type { Delivery } from '../../lib/index.js';
import { resolveOptions } from '../../lib/options/index.js';
import { createParts } from '../../lib/client/parts.js';
import { thrownBy } from '../support/configs.js';
import { envelopeOf, SDK_KEY } from '../support/delivery-server.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { connectTo, optionsFor, proxyTo, serve, until } from '../support/networked.js';

const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });
const second = envelopeOf({ generation: 2, values: { greeting: 'bonjour' } });

/** A delivery that has not been loaded yet; closed when the test ends. */
function deliveryFrom(
  server: { url: string },
  more: Partial<QuonfigModuleOptions> = {},
): { delivery: Delivery; store: ConfigStore } {
  const store = new ConfigStore();
  const options = resolveOptions(
    optionsFor(server, { logger: new RecordingLogger(), ...more }),
    {},
  );
  const { delivery } = createParts(options, { store });
  onTestFinished(() => delivery.close());
  return { delivery, store };
}

describe('a failing first load with onInitFailure "throw"', () => {
  it('create() rejects with the reason, without the SDK key, and leaves no connection open', async () => {
    const server = await serve();
    server.configs.answerAlways({ status: 401, body: `{"error":"unknown key ${SDK_KEY}"}` });
    const error: unknown = await connectTo(server).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'http_error', status: 401 });
    expect(String(error)).not.toContain(SDK_KEY);
    expect(server.configs.requests).toHaveLength(2);
    expect(server.stream.requests).toHaveLength(0);
    await until(async () => expect(await server.connections()).toBe(0));
  });

  it('create() rejects when the server is unreachable', async () => {
    const server = await serve();
    await server.close();
    await expect(connectTo(server, { initTimeout: 50 })).rejects.toMatchObject({
      code: 'initialization_timeout',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('create() rejects at initTimeout, and nothing is installed later', async () => {
    const server = await serve({ envelope: first });
    server.configs.answerAlways('hold');
    const onConfigUpdate = vi.fn();
    await expect(connectTo(server, { initTimeout: 30, onConfigUpdate })).rejects.toMatchObject({
      code: 'initialization_timeout',
    });
    server.configs.answerNormally();
    // Gives a late install time to happen: another service loads meanwhile.
    await connectTo(server, { enableSSE: false });
    expect(onConfigUpdate).not.toHaveBeenCalled();
    expect(server.stream.requests).toHaveLength(0);
  });
});

describe('a second load() after a failed one', () => {
  it('a second load() after a failed one reports only what happened during the second load', async () => {
    const server = await serve({ envelope: first });
    server.configs.answerAlways({ status: 503 });
    const { delivery } = deliveryFrom(server, { initTimeout: 100, apiUrls: [server.url] });
    await expect(delivery.load()).rejects.toMatchObject({
      load: { causes: [{ reason: 'status 503' }] },
    });
    server.configs.answerAlways('hold');
    await expect(delivery.load()).rejects.toMatchObject({
      load: { attempts: 1, causes: [{ reason: 'no response yet' }] },
    });
  });

  it('configs that arrive late are logged once, however many loads have failed', async () => {
    const server = await serve({ envelope: first });
    server.configs.answerAlways({ status: 401 });
    const logger = new RecordingLogger();
    const { delivery } = deliveryFrom(server, { logger });
    for (let load = 0; load < 3; load++) {
      await expect(delivery.load()).rejects.toMatchObject({ status: 401 });
    }
    server.configs.answerNormally();
    await delivery.refresh();
    expect(logger.lines('info').filter((line) => line.includes('Configs arrived'))).toHaveLength(1);
  });
});

describe('a failing first load with onInitFailure "return-defaults"', () => {
  const onInitFailure = 'return-defaults';

  it('the service returns defaults after initTimeout and becomes ready when a late response arrives', async () => {
    const server = await serve({ envelope: first });
    server.configs.answerAlways('hold');
    server.stream.answerAlways('hold');
    const { service, log } = await connectTo(server, { initTimeout: 30, onInitFailure });
    expect(service.ready()).toBe(false);
    expect(service.connectionState()).toBe('initializing');
    expect(service.getString('greeting', undefined, 'none')).toBe('none');
    expect(thrownBy(() => service.getString('greeting'))).toMatchObject({
      code: 'missing_default',
    });
    expect(service.isEnabled('greeting')).toBe(false);
    expect(service.lastSuccessfulRefresh()).toBeUndefined();
    expect(log.lines('warn')).toEqual([
      expect.stringMatching(/initTimeout/),
      expect.stringMatching(/The first load failed.*Initialization timed out/),
    ]);
    expect(log.text).not.toContain('set onInitFailure');

    server.configs.answerNormally();
    await until(() => expect(service.getString('greeting', undefined, 'none')).toBe('hello'));
    expect(service.ready()).toBe(true);
    expect(service.resolvedFrom()).toBe('primary');
    expect(log.text).toContain('Configs arrived after the first load had failed');
    server.stream.answerNormally();
    await until(() => expect(service.connectionState()).toBe('connected'));
  });

  it('the stream delivers the first configs if the first load failed immediately', async () => {
    const server = await serve({ envelope: first });
    const proxy = await proxyTo(server);
    await proxy.refuse();
    const { service } = await connectTo(proxy, { onInitFailure, fallbackPollEnabled: false });
    expect(service.getString('greeting', undefined, 'none')).toBe('none');
    expect(service.connectionState()).toBe('initializing');
    await proxy.restore();
    await until(() => expect(service.connectionState()).toBe('connected'));
    expect(service.getString('greeting')).toBe('hello');
    // The configs did not arrive over HTTP.
    expect(service.resolvedFrom()).toBe('');
  });

  it('the poller starts immediately if the first load failed and there is no stream', async () => {
    const server = await serve({ envelope: first });
    server.configs.answerNext({ status: 503 }, { status: 503 }, { status: 503 }, { status: 503 });
    const { service } = await connectTo(server, {
      onInitFailure,
      enableSSE: false,
      fallbackPollIntervalMs: 20,
    });
    await until(() => expect(service.ready()).toBe(true));
    expect(service.connectionState()).toBe('falling_back');
  });

  it('a refused SDK key ends in a terminal failure and does not leave the service "initializing"', async () => {
    const server = await serve();
    server.revoke();
    const { service } = await connectTo(server, { onInitFailure });
    await until(() => expect(service.terminalFailure()).toBe(true));
    expect(service.connectionState()).toBe('disconnected');
    expect(service.ready()).toBe(false);
  });
});

describe('the first load', () => {
  it('the first load uses the secondary when the primary refuses connections', async () => {
    const server = await serve({ envelope: first });
    const primary = await proxyTo(server);
    await primary.refuse();
    const { service } = await connectTo(server, { apiUrls: [primary.url, server.url] });
    expect(service.resolvedFrom()).toBe('secondary');
    expect(service.metrics()).toMatchObject({ failovers: 1, hedges: 0, failedRefreshes: 0 });
  });

  it('the first load uses the secondary when the primary hangs', async () => {
    const server = await serve({ envelope: first });
    const primary = await proxyTo(server);
    primary.hang();
    const { service } = await connectTo(server, {
      apiUrls: [primary.url, server.url],
      configFetchHedgeDelayMs: 20,
    });
    expect(service.resolvedFrom()).toBe('secondary');
    expect(service.metrics()).toMatchObject({ failovers: 0, hedges: 1 });
  });

  it('the first load uses the secondary when the primary sends half a body', async () => {
    const server = await serve({ envelope: first });
    server.configs.answerNext((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', etag: '"half"' });
      response.end('{"meta":{"version":"v1"},"configs":[');
    });
    const { service } = await connectTo(server);
    expect(service.resolvedFrom()).toBe('secondary');
    expect(service.getString('greeting')).toBe('hello');
  });

  it('an envelope without a generation is installed first but never replaces one with a generation', async () => {
    const server = await serve({ envelope: envelopeOf({ generation: 0 }) });
    const { service } = await connectTo(server, { enableSSE: false });
    expect(service.heldGeneration()).toBe(0);
    expect(service.ready()).toBe(true);
    server.publish(second);
    await service.refresh();
    expect(service.heldGeneration()).toBe(2);
    server.publish(envelopeOf({ generation: 0 }));
    await service.refresh();
    expect(service.heldGeneration()).toBe(2);
    expect(service.getString('greeting')).toBe('bonjour');
  });

  it('a late response from the primary replaces an older envelope from the secondary', async () => {
    const newer = await serve({ envelope: second });
    const older = await serve({ envelope: first });
    newer.configs.answerNext('hold');
    const { service } = await connectTo(older, {
      apiUrls: [newer.url, older.url],
      configFetchHedgeDelayMs: 20,
    });
    expect(service.heldGeneration()).toBe(1);
    newer.configs.release();
    await until(() => expect(service.heldGeneration()).toBe(2));
    expect(service.resolvedFrom()).toBe('primary');
  });

  it('concurrent callers share the first load, and a successful one is never repeated', async () => {
    const server = await serve({ envelope: first });
    const { delivery } = deliveryFrom(server);
    await Promise.all([delivery.load(), delivery.load()]);
    await delivery.load();
    expect(server.configs.requests).toHaveLength(1);
  });

  it('the first load can be retried after a failure', async () => {
    const server = await serve({ envelope: first });
    server.configs.answerNext({ status: 403 }, { status: 403 });
    const { delivery, store } = deliveryFrom(server);
    await expect(delivery.load()).rejects.toMatchObject({ code: 'http_error' });
    await delivery.load();
    expect(store.heldGeneration).toBe(1);
  });

  it('closing during the first load rejects it, and nothing is installed or started', async () => {
    const server = await serve({ envelope: first });
    server.configs.answerAlways('hold');
    const { delivery, store } = deliveryFrom(server);
    const outcome = delivery.load().catch((reason: unknown) => reason);
    await until(() => expect(server.configs.holding).toBe(1));
    await delivery.close();
    expect(await outcome).toMatchObject({ code: 'closed' });
    server.configs.answerNormally();
    delivery.start();
    await expect(delivery.load()).rejects.toMatchObject({ code: 'closed' });
    await connectTo(server, { enableSSE: false });
    expect(store.installCount).toBe(0);
    expect(server.stream.requests).toHaveLength(0);
    expect(delivery.connectionState).toBe('disconnected');
  });
});
