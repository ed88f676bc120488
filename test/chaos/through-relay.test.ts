import { BehaviorSubject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { QuonfigModuleOptions } from '../../lib/index.js';
import type { RelayKey } from '../../lib/relay/index.js';
import { RELAY_KEY, relayOf } from '../relay/support/relays.js';
import { type DeliveryServer, envelopeOf } from '../support/delivery-server.js';
import type { FaultProxy } from '../support/fault-proxy.js';
import { connectTo, type Networked, proxyTo, serve, until } from '../support/networked.js';

/** Durations are short here; the tests wait for facts, never for time. */
const QUICK = { fallbackPollIntervalMs: 100 };

/** Where a client gets its configs from. */
interface Front {
  readonly url: string;
  readonly port: number;
}

interface Rig extends Networked {
  readonly server: DeliveryServer;
  /** In front of the stream of the relay. */
  readonly proxy: FaultProxy;
}

const frontOf = ({ url }: { url: string }): Front => ({ url, port: Number(new URL(url).port) });

async function relay(server: { url: string }, own?: Partial<QuonfigModuleOptions>): Promise<Front> {
  return frontOf(await relayOf(server, {}, own));
}

const relayBehindRelay = async (server: { url: string }): Promise<Front> =>
  relay(await relay(server), { sdkKey: RELAY_KEY });

const isConnected = ({ service }: Networked): Promise<void> =>
  until(() => expect(service.connectionState()).toBe('connected'));

/** Expects a published change to reach a read, since the state alone proves little. */
async function delivers({ server, service }: Rig, generation: number): Promise<void> {
  server.publish(envelopeOf({ generation, values: { greeting: `hello ${generation}` } }));
  await until(() => expect(service.getString('greeting')).toBe(`hello ${generation}`));
}

const restarts = ({ service }: Networked): number => service.health().restarts;

const served = (generation = 1): Promise<DeliveryServer> =>
  serve({ envelope: envelopeOf({ generation, values: { greeting: 'hello' } }) });

describe.each([
  ['a relay', relay],
  ['a relay behind a relay', relayBehindRelay],
])('the stream of %s, with faults between it and the client', (_, frontFor) => {
  /** A client whose stream goes through a proxy, and whose config requests do not. */
  async function streamThroughProxy(more: Partial<QuonfigModuleOptions> = QUICK): Promise<Rig> {
    const server = await served();
    const front = await frontFor(server);
    const proxy = await proxyTo(front);
    const options = { sdkKey: RELAY_KEY, streamUrl: proxy.url, ...more };
    const rig = { ...(await connectTo(front, options)), server, proxy };
    await isConnected(rig);
    return rig;
  }

  it('01 baseline: changes are delivered without a restart', async () => {
    const rig = await streamThroughProxy({});
    await delivers(rig, 2);
    await delivers(rig, 3);
    expect(restarts(rig)).toBe(0);
  });

  it('02 silent stall: the client replaces a silent socket and gets changes again', async () => {
    const rig = await streamThroughProxy({ ...QUICK, sseReadDeadlineMs: 400 });
    rig.proxy.blackHole();
    await until(() => expect(rig.service.connectionState()).not.toBe('connected'));
    expect(rig.service.metrics().restarts.stream.read_timeout).toBeGreaterThan(0);
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
    const rig = await streamThroughProxy();
    rig.proxy.throttle(20_000);
    const large = 'x'.repeat(50_000);
    rig.server.publish(envelopeOf({ generation: 2, values: { large } }));
    await until(() => expect(rig.service.heldGeneration()).toBe(2));
    expect(rig.service.getString('large')).toBe(large);
    await rig.proxy.restore();
    await delivers(rig, 3);
  });

  it('05 stream down: polls of the relay deliver changes until the stream is back', async () => {
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
    const server = await served();
    const proxy = await proxyTo(await frontFor(server));
    const rig = { ...(await connectTo(proxy, { sdkKey: RELAY_KEY, ...QUICK })), server, proxy };
    await isConnected(rig);
    await proxy.refuse();
    await until(() => expect(rig.service.metrics().restarts.poll.worker_throw).toBeGreaterThan(2));
    expect(rig.service.connectionState()).not.toBe('connected');
    expect(rig.service.getString('greeting')).toBe('hello');
    await proxy.restore();
    await isConnected(rig);
    await delivers(rig, 2);
  });

  it('07 half-open: a stream that ends before its first event is not "connected" and is retried', async () => {
    const rig = await streamThroughProxy({});
    rig.proxy.cutAfter(1);
    rig.proxy.cut();
    await until(() => expect(restarts(rig)).toBeGreaterThan(1));
    expect(rig.service.connectionState()).toBe('disconnected');
    await rig.proxy.restore();
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

  it('10 throwing callback: it affects neither the stream nor the next change', async () => {
    const onConfigUpdate = (): never => {
      throw new Error('broken');
    };
    const rig = await streamThroughProxy({ onConfigUpdate });
    await delivers(rig, 2);
    await delivers(rig, 3);
    expect(rig.log.lines('error').length).toBeGreaterThan(0);
    expect(restarts(rig)).toBe(0);
  });
});

describe('a key that a relay refuses', () => {
  it('08 auth failure: a removed key ends its stream for good, and other clients stay connected', async () => {
    const server = await served();
    const other = 'other_key_0123456789';
    const keys = new BehaviorSubject<readonly RelayKey[]>([RELAY_KEY, other]);
    const front = frontOf(await relayOf(server, { keys }));
    const removed = await connectTo(front, { sdkKey: RELAY_KEY });
    const kept = await connectTo(front, { sdkKey: other });
    await isConnected(removed);
    await isConnected(kept);
    keys.next([other]);
    await until(() => expect(removed.service.terminalFailure()).toBe(true));
    expect(removed.service.connectionState()).toBe('disconnected');
    expect(removed.service.getString('greeting')).toBe('hello');
    expect(removed.log.lines('error')).toHaveLength(1);
    expect(removed.log.text).not.toContain(RELAY_KEY);
    server.publish(envelopeOf({ generation: 2, values: { greeting: 'hello 2' } }));
    await until(() => expect(kept.service.getString('greeting')).toBe('hello 2'));
    expect(kept.service.health().restarts).toBe(0);
    expect(removed.service.getString('greeting')).toBe('hello');
  });
});

describe('two relays as primary and secondary', () => {
  it('f01 to f04: the secondary relay covers a failing primary, which is queried first once it recovers', async () => {
    const server = await served();
    const primary = await proxyTo(await relay(server));
    const secondary = await proxyTo(await relay(server));
    const options = {
      sdkKey: RELAY_KEY,
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
      await service.close();
      await primary.restore();
    }
    const { service } = await connectTo(server, { ...options, configFetchHedgeDelayMs: 5_000 });
    expect(service.resolvedFrom()).toBe('primary');
  });

  it.each([
    [
      'o03 late primary heals: its newer configs replace those of the secondary',
      42,
      41,
      { installs: 2 },
    ],
    ['o05 late older primary: its configs are dropped', 41, 42, { installs: 1, guardRejected: 1 }],
  ])('%s', async (_, ofPrimary, ofSecondary, counters) => {
    const primary = await proxyTo(await relay(await served(ofPrimary)));
    const secondary = await relay(await served(ofSecondary));
    primary.delay(500);
    const { service } = await connectTo(primary, {
      sdkKey: RELAY_KEY,
      apiUrls: [primary.url, secondary.url],
      enableSSE: false,
      fallbackPollEnabled: false,
      configFetchHedgeDelayMs: 30,
    });
    expect(service.heldGeneration()).toBe(ofSecondary);
    await until(() => expect(service.metrics()).toMatchObject(counters));
    expect(service.heldGeneration()).toBe(42);
  });
});

describe('faults between a relay and its source', () => {
  it('clients of the relay do not notice an outage, and receive what was published during it afterwards', async () => {
    const server = await served();
    const upstream = await proxyTo(server);
    const front = await relay(upstream, QUICK);
    const { service } = await connectTo(front, { sdkKey: RELAY_KEY });
    await until(() => expect(service.connectionState()).toBe('connected'));
    await upstream.refuse();
    server.publish(envelopeOf({ generation: 2, values: { greeting: 'hello 2' } }));
    const late = await connectTo(front, { sdkKey: RELAY_KEY });
    expect(late.service.getString('greeting')).toBe('hello');
    await upstream.restore();
    await until(() => expect(service.getString('greeting')).toBe('hello 2'));
    await until(() => expect(late.service.getString('greeting')).toBe('hello 2'));
    expect(service.health().restarts).toBe(0);
  });
});
