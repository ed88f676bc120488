import { describe, expect, it, vi } from 'vitest';
import type { QuonfigUpdate } from '../../lib/index.js';
import { envelopeOf, SDK_KEY } from '../support/delivery-server.js';
import { connectTo, proxyTo, serve, until } from '../support/networked.js';

const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });
const second = envelopeOf({ generation: 2, values: { greeting: 'bonjour' } });
const third = envelopeOf({ generation: 3, values: { greeting: 'hola' } });

describe('a service with an SDK key', () => {
  it('the service loads configs over HTTP and receives changes over the stream', async () => {
    const server = await serve({ envelope: first });
    const updates: QuonfigUpdate[] = [];
    const { service, log } = await connectTo(server, {
      onConfigUpdate: (update) => updates.push(update),
    });
    expect(service.getString('greeting')).toBe('hello');
    expect(service.ready()).toBe(true);
    expect(service.resolvedFrom()).toBe('primary');
    await until(() => expect(service.connectionState()).toBe('connected'));

    server.publish(second);
    await until(() => expect(service.getString('greeting')).toBe('bonjour'));
    expect(service.heldGeneration()).toBe(2);
    // The stream sends the current envelope on connect; it is not installed a second time.
    expect(service.configInstallCount()).toBe(2);
    expect(
      updates.map(({ source, version, generation, changed }) => [
        source,
        version,
        generation,
        changed,
      ]),
    ).toEqual([
      ['fetch', 'v1', 1, []],
      ['stream', 'v2', 2, ['greeting']],
    ]);
    expect(service.resolvedFrom()).toBe('primary');
    expect(log.lines('warn').concat(log.lines('error'))).toEqual([]);
    expect(log.text).not.toContain(SDK_KEY);
  });

  it('every request sends the SDK key and the package version', async () => {
    const server = await serve({ envelope: first });
    await connectTo(server);
    await until(() => expect(server.stream.requests).toHaveLength(1));
    for (const { headers } of [...server.configs.requests, ...server.stream.requests]) {
      expect(headers.authorization).toBe(`Basic ${Buffer.from(`1:${SDK_KEY}`).toString('base64')}`);
      expect(headers['x-quonfig-sdk-version']).toMatch(/^nestjs-\d+\.\d+\.\d+/);
    }
  });

  it('the service logs at startup how changes arrive', async () => {
    const server = await serve({ envelope: first });
    const linesWith = async (more: object): Promise<string> =>
      (await connectTo(server, more)).log.lines('info')[0]!;
    expect(await linesWith({})).toMatch(
      /1 config for environment "production" from .*; changes arrive over the stream .*, with fallback polling every 60 s\./,
    );
    expect(await linesWith({ fallbackPollEnabled: false })).toContain('only (fallbackPollEnabled');
    expect(await linesWith({ enableSSE: false })).toContain('changes arrive by polling every 60 s');
    expect(await linesWith({ enableSSE: false, fallbackPollEnabled: false })).toContain(
      'only through refresh()',
    );
  });

  it('every request uses the fetch option', async () => {
    const server = await serve({ envelope: first });
    const fetch = vi.fn(globalThis.fetch);
    const { service } = await connectTo(server, { fetch });
    await until(() => expect(service.connectionState()).toBe('connected'));
    expect(fetch.mock.calls.map(([url]) => url)).toEqual([
      `${server.url}/api/v2/configs`,
      `${server.url}/api/v2/sse/config`,
    ]);
  });

  it('the stream never replaces current configs with older or unversioned ones', async () => {
    const server = await serve({ envelope: second });
    const { service } = await connectTo(server);
    await until(() => expect(service.connectionState()).toBe('connected'));
    server.publish(first);
    await until(() => expect(service.metrics().guardRejected).toBe(1));
    server.publish(envelopeOf({ generation: 0, values: { greeting: 'lost' } }));
    server.publish(third);
    await until(() => expect(service.heldGeneration()).toBe(3));
    expect(service.configInstallCount()).toBe(2);
    expect(service.getString('greeting')).toBe('hola');
  });

  it('the service polls and reports "falling_back" when the stream is disabled', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server, { enableSSE: false, fallbackPollIntervalMs: 20 });
    expect(service.connectionState()).toBe('falling_back');
    expect(service.fallbackPollerActive()).toBe(true);
    const updated = new Promise<QuonfigUpdate>((resolve) => service.updates$.subscribe(resolve));
    server.publish(second);
    expect(await updated).toMatchObject({ source: 'poll', generation: 2 });
    expect(server.stream.requests).toHaveLength(0);
  });

  it('configs change only on refresh() when stream and polling are disabled', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server, { enableSSE: false, fallbackPollEnabled: false });
    expect(service.connectionState()).toBe('connected');
    server.publish(second);
    expect(service.getString('greeting')).toBe('hello');
    await service.refresh();
    expect(service.getString('greeting')).toBe('bonjour');
    expect(server.stream.requests).toHaveLength(0);
  });

  it('the service keeps its configs during an outage and receives changes afterwards', async () => {
    const server = await serve({ envelope: first });
    const proxy = await proxyTo(server);
    const { service } = await connectTo(proxy);
    await until(() => expect(service.connectionState()).toBe('connected'));
    await proxy.refuse();
    await until(() => expect(service.connectionState()).toBe('disconnected'));
    server.publish(second);
    expect(service.getString('greeting')).toBe('hello');
    await proxy.restore();
    await until(() => expect(service.connectionState()).toBe('connected'));
    await until(() => expect(service.getString('greeting')).toBe('bonjour'));
    expect(service.metrics().restarts.stream.worker_throw).toBeGreaterThan(0);
  });

  it('reads in an update callback return the new configs', async () => {
    const server = await serve({ envelope: first });
    const readings: string[] = [];
    const { service } = await connectTo(server);
    service.updates$.subscribe(() => readings.push(service.getString('greeting')));
    await until(() => expect(service.connectionState()).toBe('connected'));
    server.publish(second);
    await until(() => expect(readings).toEqual(['bonjour']));
  });

  it('callbacks that throw or reject are logged and do not interrupt the stream', async () => {
    const server = await serve({ envelope: first });
    const { service, log } = await connectTo(server, {
      onConfigUpdate: () => {
        throw new Error('no disk');
      },
      onSSEConnectionStateChange: async () => {
        throw new Error('no dashboard');
      },
    });
    await until(() => expect(service.connectionState()).toBe('connected'));
    server.publish(second);
    await until(() => expect(service.getString('greeting')).toBe('bonjour'));
    await until(() => expect(service.metrics().callbackErrors).toBe(4));
    expect(log.lines('error').filter((line) => line.includes('onConfigUpdate'))).toHaveLength(2);
    expect(log.text).toMatch(/onSSEConnectionStateChange[^]*no dashboard/);
    expect(server.streamsOpened).toBe(1);
    expect(service.metrics().restarts.stream).toEqual({
      worker_throw: 0,
      worker_exit: 0,
      read_timeout: 0,
    });
  });

  it('onSSEConnectionStateChange receives each state of the stream once, in order', async () => {
    const server = await serve({ envelope: first });
    const states: string[] = [];
    const { service } = await connectTo(server, {
      onSSEConnectionStateChange: (state) => states.push(state),
    });
    await until(() => expect(states).toEqual(['connecting', 'connected']));
    server.dropStreams();
    await until(() => expect(states).toHaveLength(5));
    await service.close();
    expect(states).toEqual([
      'connecting',
      'connected',
      'error',
      'connecting',
      'connected',
      'disconnected',
    ]);
  });

  it('the stream drops invalid envelopes and installs the next valid one', async () => {
    const server = await serve({ envelope: first });
    const { service, log } = await connectTo(server);
    await until(() => expect(service.connectionState()).toBe('connected'));
    server.writeToStreams('data: {"configs": []}\n\n');
    server.writeToStreams('data: <html>\n\n');
    server.writeToStreams('data: {"meta":{"version":"v9","generation":1e999},"configs":[]}\n\n');
    server.publish(second);
    await until(() => expect(service.getString('greeting')).toBe('bonjour'));
    expect(log.lines('warn')).toHaveLength(1);
    expect(service.metrics().lastError).toContain('was dropped');
    expect(server.streamsOpened).toBe(1);
  });

  it('the service skips a malformed config and serves the others', async () => {
    const broken = { key: 'broken', type: 'config' } as never;
    const server = await serve({ envelope: { ...first, configs: [broken, ...first.configs] } });
    const { service } = await connectTo(server);
    expect(service.getString('greeting')).toBe('hello');
    expect(service.keys()).toEqual(['greeting']);
  });
});
