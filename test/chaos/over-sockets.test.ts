import { describe, expect, it } from 'vitest';
import { type Networked, connectTo, proxyTo, serve, until } from '../support/networked.js';
import type { DeliveryServer } from '../support/delivery-server.js';
import { envelopeOf, SDK_KEY } from '../support/delivery-server.js';
import type { FaultProxy } from '../support/fault-proxy.js';

/** The durations are short here; what is waited for is always a fact. */
const QUICK = { fallbackPollIntervalMs: 100 };

interface Rig extends Networked {
  readonly server: DeliveryServer;
  /** Before the stream. */
  readonly proxy: FaultProxy;
}

/** A client whose stream goes through a proxy, and whose requests for configs do not. */
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

/** A change that is published reaches a read: what the state says is not all. */
async function delivers({ server, service }: Rig, generation: number): Promise<void> {
  server.publish(envelopeOf({ generation, values: { greeting: `hello ${generation}` } }));
  await until(() => expect(service.getString('greeting')).toBe(`hello ${generation}`));
}

const restarts = ({ service }: Networked): number => service.health().restarts;

describe('The stream, over sockets', () => {
  it('02 silent stall: an open socket without bytes is given up, and the next one delivers', async () => {
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

  it('03 latency: late bytes are no reason to reconnect', async () => {
    const rig = await streamThroughProxy({});
    rig.proxy.delay(200);
    await delivers(rig, 2);
    await delivers(rig, 3);
    expect(restarts(rig)).toBe(0);
  });

  it('04 bandwidth: a push that trickles in is no silence, and is whole in the end', async () => {
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

  it('05 stream down: polling delivers until the stream does again', async () => {
    const rig = await streamThroughProxy();
    await rig.proxy.refuse();
    await until(() => expect(rig.service.connectionState()).toBe('falling_back'));
    await delivers(rig, 2);
    await rig.proxy.restore();
    await isConnected(rig);
    expect(rig.service.fallbackPollerActive()).toBe(false);
    await delivers(rig, 3);
  });

  it('06 total partition: reads go on, and the end of it is noticed by itself', async () => {
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

  it('07 half-open: one byte and an end is not connected, and is retried until there is more', async () => {
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

  it('09 flapping: after five kills in a row it delivers again', async () => {
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

describe('A refused key, over sockets', () => {
  it('08 auth failure: is one request and one error, without the key', async () => {
    const server = await serve();
    server.stream.answerAlways({ status: 401 });
    const { service, log } = await connectTo(server, QUICK);
    await until(() => expect(service.connectionState()).toBe('disconnected'));
    await until(() => expect(log.lines('error')).toHaveLength(1));
    expect(log.lines('error')[0]).toMatch(/401|unauthor/i);
    expect(log.text).not.toContain(SDK_KEY);
    // Requests of its own go out and come back: what would follow the refusal had its time.
    for (let round = 0; round < 20; round++) await service.refresh();
    expect(server.stream.requests).toHaveLength(1);
  });
});

describe('Failover and ordering, over sockets', () => {
  it('f01 to f04: a primary in any trouble is made up for, and asked first when it is well', async () => {
    const server = await serve();
    const primary = await proxyTo(server);
    const secondary = await proxyTo(server);
    const options = {
      apiUrls: [primary.url, secondary.url],
      enableSSE: false,
      fallbackPollEnabled: false,
      configFetchHedgeDelayMs: 30,
    };
    for (const trouble of ['refuse', 'hang', 'delay'] as const) {
      if (trouble === 'refuse') await primary.refuse();
      else if (trouble === 'hang') primary.hang();
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

  it('f05 stream does not fail over: the secondary serves configs, never the stream', async () => {
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
    ['o03 late primary heals', 42, 41, { installs: 2, guardRejected: 0 }],
    ['o05 late older primary is dropped', 41, 42, { installs: 1, guardRejected: 1 }],
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
