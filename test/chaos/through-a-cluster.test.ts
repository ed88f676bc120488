import { describe, expect, it } from 'vitest';
import type { QuonfigService } from '../../lib/index.js';
import { type DeliveryServer, envelopeOf } from '../support/delivery-server.js';
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
});
