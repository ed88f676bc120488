import { describe, expect, it } from 'vitest';
import type { QuonfigService } from '../../lib/index.js';
import { type DeliveryServer, envelopeOf, SDK_KEY } from '../support/delivery-server.js';
import type { FaultProxy } from '../support/fault-proxy.js';
import { connectTo, proxyTo, serve, until } from '../support/networked.js';
import type { RecordingLogger } from '../support/recording-logger.js';
import { MeetingDirectory } from '../support/shared-stream.js';

/** Durations are short here; the tests wait for facts, never for time. */
const QUICK = { fallbackPollIntervalMs: 100 };

interface Rig {
  readonly server: DeliveryServer;
  /** In front of the stream of the leader. */
  readonly proxy: FaultProxy;
  readonly leader: QuonfigService;
  readonly follower: QuonfigService;
  readonly log: RecordingLogger;
}

/** A follower whose leader has its stream through a proxy. */
async function followerBehindProxy(more: Parameters<typeof connectTo>[1] = QUICK): Promise<Rig> {
  const server = await serve({
    envelope: envelopeOf({ generation: 1, values: { greeting: 'hello' } }),
    heartbeatMs: 50,
  });
  const proxy = await proxyTo(server);
  const options = new MeetingDirectory().options({ streamUrl: proxy.url, ...more });
  const { service: leader } = await connectTo(server, options);
  const { service: follower, log } = await connectTo(server, options);
  const rig = { server, proxy, leader, follower, log };
  await has(rig, 'connected');
  return rig;
}

/** Waits until the follower has this state. */
const has = ({ follower }: Rig, state: string): Promise<void> =>
  until(() => expect(follower.connectionState()).toBe(state));

async function delivers({ server, follower }: Rig, generation: number): Promise<void> {
  server.publish(envelopeOf({ generation, values: { greeting: `hello ${generation}` } }));
  await until(() => expect(follower.getString('greeting')).toBe(`hello ${generation}`));
}

describe('the stream of a leader, as its followers see it', () => {
  it('01 baseline: changes are delivered over one stream, without a restart', async () => {
    const rig = await followerBehindProxy({});
    for (const generation of [2, 3, 4]) await delivers(rig, generation);
    expect(rig.leader.health().restarts).toBe(0);
    expect(rig.server.streamsOpened).toBe(1);
    expect(rig.follower.metrics()).toMatchObject({ connectAttempts: 0, failedRefreshes: 0 });
    expect(rig.log.problems).toEqual([]);
  });

  it('02 silent stall: followers are not connected until the stream delivers again', async () => {
    const rig = await followerBehindProxy({ ...QUICK, sseReadDeadlineMs: 800 });
    rig.proxy.blackHole();
    await until(() => expect(rig.follower.connectionState()).not.toBe('connected'));
    await rig.proxy.restore();
    await has(rig, 'connected');
    await delivers(rig, 2);
    expect(rig.follower.health().cluster).toBe('via leader');
  });

  it('03 latency and 04 bandwidth: no update is lost when bytes arrive late', async () => {
    const rig = await followerBehindProxy({ sseReadDeadlineMs: 1_000 });
    rig.proxy.delay(200);
    await delivers(rig, 2);
    await rig.proxy.restore();
    rig.proxy.throttle(20_000);
    const large = 'x'.repeat(50_000);
    rig.server.publish(envelopeOf({ generation: 3, values: { large } }));
    await until(() => expect(rig.follower.heldGeneration()).toBe(3));
    expect(rig.follower.getString('large')).toBe(large);
  });

  it('05 stream down: followers receive what the leader polls', async () => {
    const rig = await followerBehindProxy();
    await rig.proxy.refuse();
    await has(rig, 'falling_back');
    await delivers(rig, 2);
    expect(rig.follower.fallbackPollerActive()).toBe(false);
    await rig.proxy.restore();
    await has(rig, 'connected');
    await delivers(rig, 3);
  });

  it('06 total partition: reads continue, and only the leader makes requests', async () => {
    const server = await serve({ envelope: envelopeOf({ values: { greeting: 'hello' } }) });
    const proxy = await proxyTo(server);
    const options = new MeetingDirectory().options(QUICK);
    const { service: leader } = await connectTo(proxy, options);
    const { service: follower, log } = await connectTo(proxy, options);
    const rig = { server, proxy, leader, follower, log };
    await has(rig, 'connected');
    await proxy.refuse();
    await until(() => expect(leader.metrics().restarts.poll.worker_throw).toBeGreaterThan(2));
    expect(follower.connectionState()).not.toBe('connected');
    expect(follower.getString('greeting')).toBe('hello');
    expect(follower.metrics()).toMatchObject({ failedRefreshes: 0, connectAttempts: 0 });
    // A process that starts during the outage starts from the leader.
    const { service: late } = await connectTo(proxy, options);
    expect(late.getString('greeting')).toBe('hello');
    expect(late.connectionState()).not.toBe('connected');
    await proxy.restore();
    await has(rig, 'connected');
    await delivers(rig, 2);
    await until(() => expect(late.getString('greeting')).toBe('hello 2'));
    expect(log.problems).toEqual([]);
  });

  it('07 half-open: a stream that ends after one byte is not "connected" for followers', async () => {
    const rig = await followerBehindProxy({});
    rig.server.stream.answerAlways((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end('i');
    });
    rig.server.dropStreams();
    await has(rig, 'disconnected');
    rig.server.stream.answerNormally();
    await has(rig, 'connected');
    await delivers(rig, 2);
  });

  it('09 flapping: followers receive the next change after five aborted connections', async () => {
    const rig = await followerBehindProxy({});
    for (let kill = 1; kill <= 5; kill++) {
      await until(() => expect(rig.leader.connectionState()).toBe('connected'));
      if (kill % 2 === 0) rig.proxy.reset();
      else rig.proxy.cut();
      await until(() => expect(rig.leader.health().restarts).toBe(kill));
    }
    await has(rig, 'connected');
    await delivers(rig, 2);
    expect(rig.leader.metrics().connectAttempts).toBe(6);
  });

  it('08 auth failure: one refused stream, never retried, for all processes; reads continue', async () => {
    const rig = await followerBehindProxy({});
    rig.server.revoke();
    await until(() => expect(rig.follower.terminalFailure()).toBe(true));
    expect(rig.follower.connectionState()).toBe('disconnected');
    expect(rig.follower.getString('greeting')).toBe('hello');
    expect(rig.leader.metrics().connectAttempts).toBe(2);
    expect(rig.server.stream.requests).toHaveLength(2);
    expect(rig.log.problems).toEqual([expect.stringContaining('status 401')]);
    expect(rig.log.text).not.toContain(SDK_KEY);
  });

  it('10 throwing callback: a callback that throws in a follower or the leader affects neither of them', async () => {
    const onConfigUpdate = (): never => {
      throw new Error('broken');
    };
    const rig = await followerBehindProxy({ onConfigUpdate });
    await delivers(rig, 2);
    await delivers(rig, 3);
    expect(rig.log.lines('error').length).toBeGreaterThan(0);
    expect(rig.follower.health().cluster).toBe('via leader');
    expect(rig.leader.health().restarts).toBe(0);
  });
});

describe('the APIs of a leader, as its followers see them', () => {
  /** A leader of two APIs without a stream, and what else it takes to start a follower. */
  async function leaderOf(
    generations: readonly [number, number],
    more: Parameters<typeof connectTo>[1],
    fault: (primary: FaultProxy, server: DeliveryServer) => unknown,
  ) {
    const served = (generation: number): Promise<DeliveryServer> =>
      serve({ envelope: envelopeOf({ generation, values: { greeting: `hello ${generation}` } }) });
    const [first, second] = await Promise.all(generations.map(served));
    const primary = await proxyTo(first!);
    const apiUrls = [primary.url, second!.url];
    const manual = { enableSSE: false, fallbackPollEnabled: false };
    const options = new MeetingDirectory().options({ apiUrls, ...manual, ...more });
    await fault(primary, first!);
    const { service: leader } = await connectTo(first!, options);
    const { service: follower } = await connectTo(first!, options);
    return { leader, follower, late: first! };
  }

  it.each<[string, (primary: FaultProxy) => unknown]>([
    ['f01 primary refused', (primary) => primary.refuse()],
    ['f02 primary hangs', (primary) => primary.hang()],
    ['f03 primary slow', (primary) => primary.delay(3_000)],
  ])('%s: a follower starts from what the leader got from the secondary', async (_, fault) => {
    const more = { configFetchHedgeDelayMs: 30 };
    const { leader, follower } = await leaderOf([1, 1], more, fault);
    expect(leader.resolvedFrom()).toBe('secondary');
    expect(follower.getString('greeting')).toBe('hello 1');
    expect(follower.health()).toMatchObject({ source: 'cluster', resolvedFrom: '' });
    expect(follower.metrics()).toMatchObject({ hedges: 0, failovers: 0, failedRefreshes: 0 });
  });

  it.each([
    ['o03 late primary heals: its newer configs reach followers', 42, 41],
    ['o05 late older primary: its configs reach no follower', 41, 42],
  ])('%s', async (_, ofPrimary, ofSecondary) => {
    const more = { configFetchHedgeDelayMs: 30 };
    const generations = [ofPrimary, ofSecondary] as const;
    const { leader, follower, late } = await leaderOf(generations, more, (_primary, server) =>
      server.configs.answerAlways('hold'),
    );
    expect(follower.heldGeneration()).toBe(ofSecondary);
    late.configs.answerNormally();
    const arrived = (): number => leader.metrics().installs + leader.metrics().guardRejected;
    await until(() => expect(arrived()).toBe(2));
    await until(() => expect(follower.heldGeneration()).toBe(42));
    expect(follower.getString('greeting')).toBe('hello 42');
    expect(follower.metrics().guardRejected).toBe(0);
  });
});
