import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { envelopeOf } from '../../support/delivery-server.js';
import { connectTo, serve, until } from '../../support/networked.js';
import { MeetingDirectory } from '../../support/shared-stream.js';

const first = envelopeOf({ generation: 1, values: { greeting: 'hello', farewell: 'bye' } });
const second = envelopeOf({ generation: 2, values: { greeting: 'bonjour', farewell: 'bye' } });
const NOWHERE = { url: 'http://127.0.0.1:9' };

interface Report {
  readonly instanceHash: string;
  readonly events: readonly {
    summaries?: { summaries: readonly { key: string; counters: readonly { count: number }[] }[] };
    exampleContexts?: unknown;
  }[];
}

/** The reads that a report counts, by key. */
function readsIn({ events }: Report): Record<string, number> {
  const summaries = events.flatMap((event) => event.summaries?.summaries ?? []);
  return Object.fromEntries(summaries.map(({ key, counters }) => [key, counters[0]!.count]));
}

describe('telemetry of processes that share one stream', () => {
  it('each process reports its own reads and contexts, as an instance of its own', async () => {
    const server = await serve({ envelope: first });
    const directory = new MeetingDirectory();
    const { service: leader } = await connectTo(server, directory.options());
    const { service: follower } = await connectTo(server, directory.options());
    leader.getString('greeting', { user: { key: 'of-leader' } });
    follower.getString('farewell', { user: { key: 'of-follower' } });
    follower.getString('farewell', { user: { key: 'of-follower' } });
    await leader.flush();
    await follower.flush();
    const bodies = server.telemetry.requests.map(({ body }) => body.toString());
    const [ofLeader, ofFollower] = bodies.map((body) => JSON.parse(body) as Report);
    expect(readsIn(ofLeader!)).toEqual({ greeting: 1 });
    expect(readsIn(ofFollower!)).toEqual({ farewell: 2 });
    expect(ofLeader!.instanceHash).not.toBe(ofFollower!.instanceHash);
    expect(bodies[0]).toContain('of-leader');
    expect(bodies[0]).not.toContain('of-follower');
    expect(bodies[1]).toContain('of-follower');
    expect(bodies[1]).not.toContain('of-leader');
    // A follower has no requests to report about.
    expect(bodies[1]).not.toContain('"failover"');
  });
});

describe('persistence of processes that share one stream', () => {
  function file(): string {
    const path = mkdtempSync(join(tmpdir(), 'quonfig-persistence-'));
    onTestFinished(() => rmSync(path, { recursive: true, force: true }));
    return join(path, 'saved');
  }

  it('during an outage followers start from what the leader started from, and say how old it is', async () => {
    const persistence = { file: file() };
    const server = await serve({ envelope: first });
    const before = await connectTo(server, { persistence });
    const savedAt = before.service.lastSuccessfulRefresh()!;
    await before.service.close();
    await server.close();

    const options = new MeetingDirectory().options({ persistence, initTimeout: 300 });
    const { service: leader } = await connectTo(NOWHERE, options);
    const { service: follower } = await connectTo(NOWHERE, options);
    expect(leader.health().source).toBe('persistence');
    expect(follower.getString('greeting')).toBe('hello');
    expect(follower.health().source).toBe('cluster');
    expect(follower.connectionState()).not.toBe('connected');
    expect(follower.lastSuccessfulRefresh()).toEqual(leader.lastSuccessfulRefresh());
    expect(follower.lastSuccessfulRefresh()!.getTime()).toBeGreaterThanOrEqual(savedAt.getTime());
    expect(follower.lastSuccessfulRefresh()!.getTime()).toBeLessThan(Date.now());
  });

  it('only the process that leads saves, and the next leader does so after it', async () => {
    const server = await serve({ envelope: first });
    const options = new MeetingDirectory().options({ persistence: { file: file() } });
    const { service: leader } = await connectTo(server, options);
    const { service: follower } = await connectTo(server, options);
    await until(() => expect(leader.metrics().persistence!.writes).toBe(1));
    await leader.close();
    await until(() => expect(follower.connectionState()).toBe('connected'));
    expect(follower.metrics().persistence!.writes).toBe(0);
    server.publish(second);
    await until(() => expect(follower.metrics().persistence!.writes).toBe(1));
  });
});
