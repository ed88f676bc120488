import { describe, expect, it } from 'vitest';
import { type Networked, connectTo, proxyTo, serve, until } from '../support/networked.js';
import type { DeliveryServer } from '../support/delivery-server.js';
import { envelopeOf, SDK_KEY } from '../support/delivery-server.js';
import type { FaultProxy } from '../support/fault-proxy.js';

/** Durations are short here; the tests wait for facts, never for time. */
const QUICK = { fallbackPollIntervalMs: 100 };

interface Rig extends Networked {
  readonly server: DeliveryServer;
  /** In front of the stream. */
  readonly proxy: FaultProxy;
}

/** A client whose stream goes through a proxy, and whose config requests do not. */
async function streamThroughProxy(more: Parameters<typeof connectTo>[1] = QUICK): Promise<Rig> {
  const server = await serve({
    envelope: envelopeOf({ generation: 1, values: { greeting: 'hello' } }),
    heartbeatMs: 50,
  });
  const proxy = await proxyTo(server);
  const networked = await connectTo(server, { streamUrl: proxy.url, ...more });
  const rig = { ...networked, server, proxy };
  await isConnected(rig);
  return rig;
}

const isConnected = ({ service }: Networked): Promise<void> =>
  until(() => expect(service.connectionState()).toBe('connected'));

/** Expects a published change to reach a read, since the state alone proves little. */
async function delivers({ server, service }: Rig, generation: number): Promise<void> {
  server.publish(envelopeOf({ generation, values: { greeting: `hello ${generation}` } }));
  await until(() => expect(service.getString('greeting')).toBe(`hello ${generation}`));
}

const restarts = ({ service }: Networked): number => service.health().restarts;

describe('the stream over sockets', () => {
  it('02 silent stall: the stream replaces a silent socket and delivers again', async () => {
    const rig = await streamThroughProxy({ ...QUICK, sseReadDeadlineMs: 400 });
    rig.proxy.blackHole();
    await until(() =>
      expect(rig.service.metrics().restarts.stream.read_timeout).toBeGreaterThan(0),
    );
    await until(() => expect(rig.service.connectionState()).not.toBe('connected'));
    await rig.proxy.restore();
    await isConnected(rig);
    await delivers(rig, 2);
  });

  it('03 latency: late bytes cause no reconnect', async () => {
    const rig = await streamThroughProxy({});
    rig.proxy.delay(200);
    await delivers(rig, 2);
    await delivers(rig, 3);
    expect(restarts(rig)).toBe(0);
  });

  it('04 bandwidth: an event that arrives slowly is delivered completely', async () => {
    const rig = await streamThroughProxy({ ...QUICK, sseReadDeadlineMs: 1_000 });
    rig.proxy.throttle(20_000);
    const large = 'x'.repeat(50_000);
    rig.server.publish(envelopeOf({ generation: 2, values: { large } }));
    await until(() => expect(rig.service.heldGeneration()).toBe(2));
    expect(rig.service.getString('large')).toBe(large);
    await rig.proxy.restore();
    await isConnected(rig);
    await delivers(rig, 3);
  });

  it('05 stream down: fallback polling delivers changes until the stream is back', async () => {
    const rig = await streamThroughProxy();
    await rig.proxy.refuse();
    await until(() => expect(rig.service.connectionState()).toBe('falling_back'));
    await delivers(rig, 2);
    await rig.proxy.restore();
    await isConnected(rig);
    expect(rig.service.fallbackPollerActive()).toBe(false);
    await delivers(rig, 3);
  });

  it('06 total partition: reads continue, and the client reconnects by itself', async () => {
    const server = await serve({ envelope: envelopeOf({ values: { greeting: 'hello' } }) });
    const proxy = await proxyTo(server);
    const rig = { ...(await connectTo(proxy, QUICK)), server, proxy };
    await isConnected(rig);
    await proxy.refuse();
    await until(() => expect(rig.service.metrics().restarts.poll.worker_throw).toBeGreaterThan(2));
    expect(rig.service.connectionState()).not.toBe('connected');
    expect(rig.service.getString('greeting')).toBe('hello');
    expect(restarts(rig)).toBeLessThan(200);
    await proxy.restore();
    await isConnected(rig);
    await delivers(rig, 2);
  });

  it('07 half-open: a stream that ends after one byte is not "connected" and is retried', async () => {
    const rig = await streamThroughProxy({});
    rig.server.stream.answerAlways((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end('i');
    });
    rig.server.dropStreams();
    await until(() => expect(rig.service.metrics().restarts.stream.worker_exit).toBeGreaterThan(0));
    expect(rig.service.connectionState()).toBe('disconnected');
    rig.server.stream.answerNormally();
    await isConnected(rig);
    await delivers(rig, 2);
  });

  it('09 flapping: the stream delivers again after five aborted connections', async () => {
    const rig = await streamThroughProxy({});
    for (let kill = 1; kill <= 5; kill++) {
      await isConnected(rig);
      if (kill % 2 === 0) rig.proxy.reset();
      else rig.proxy.cut();
      await until(() => expect(restarts(rig)).toBe(kill));
    }
    await isConnected(rig);
    await delivers(rig, 2);
    expect(rig.service.metrics().connectAttempts).toBe(6);
  });
});

describe('a refused SDK key over sockets', () => {
  it('08 auth failure: the client makes one request and logs one error without the SDK key', async () => {
    const server = await serve();
    server.stream.answerAlways({ status: 401 });
    const { service, log } = await connectTo(server, QUICK);
    await until(() => expect(service.connectionState()).toBe('disconnected'));
    await until(() => expect(log.lines('error')).toHaveLength(1));
    expect(log.lines('error')[0]).toMatch(/401|unauthor/i);
    expect(log.text).not.toContain(SDK_KEY);
    // Twenty round trips give unwanted stream requests time to happen.
    for (let round = 0; round < 20; round++) await service.refresh();
    expect(server.stream.requests).toHaveLength(1);
  });
});

describe('failover and ordering over sockets', () => {
  it('f01 to f04: the secondary covers a failing primary, which is queried first once it recovers', async () => {
    const server = await serve();
    const primary = await proxyTo(server);
    const secondary = await proxyTo(server);
    const options = {
      apiUrls: [primary.url, secondary.url],
      enableSSE: false,
      fallbackPollEnabled: false,
      configFetchHedgeDelayMs: 30,
    };
    for (const fault of ['refuse', 'hang', 'delay'] as const) {
      if (fault === 'refuse') await primary.refuse();
      else if (fault === 'hang') primary.hang();
      else primary.delay(3_000);
      const { service } = await connectTo(server, options);
      expect(service.resolvedFrom()).toBe('secondary');
      expect(service.ready()).toBe(true);
      await service.close();
      await primary.restore();
    }
    const { service } = await connectTo(server, { ...options, configFetchHedgeDelayMs: 5_000 });
    expect(service.resolvedFrom()).toBe('primary');
  });

  it('f05 no stream failover: the secondary serves configs but never the stream', async () => {
    const primary = await serve();
    const secondary = await serve();
    const stream = await proxyTo(primary);
    await stream.refuse();
    const { service } = await connectTo(primary, {
      apiUrls: [primary.url, secondary.url],
      streamUrl: stream.url,
      configFetchHedgeDelayMs: 5_000,
    });
    primary.configs.answerAlways({ status: 503 });
    await service.refresh();
    await until(() => expect(service.metrics().restarts.stream.worker_throw).toBeGreaterThan(1));
    expect(secondary.configs.requests).toHaveLength(1);
    expect(secondary.stream.requests).toHaveLength(0);
    expect(service.sseFailedOverToSecondary()).toBe(false);
  });

  it.each([
    [
      'o03 late primary heals: its newer envelope replaces that of the secondary',
      42,
      41,
      { installs: 2, guardRejected: 0 },
    ],
    ['o05 late older primary: its envelope is dropped', 41, 42, { installs: 1, guardRejected: 1 }],
  ])('%s', async (_, ofPrimary, ofSecondary, counters) => {
    const primary = await serve({ envelope: envelopeOf({ generation: ofPrimary }) });
    const secondary = await serve({ envelope: envelopeOf({ generation: ofSecondary }) });
    primary.configs.answerNext('hold');
    const { service } = await connectTo(primary, {
      apiUrls: [primary.url, secondary.url],
      enableSSE: false,
      configFetchHedgeDelayMs: 30,
    });
    expect(service.heldGeneration()).toBe(ofSecondary);
    primary.configs.release();
    await until(() => expect(service.metrics()).toMatchObject(counters));
    expect(service.heldGeneration()).toBe(42);
  });
});
