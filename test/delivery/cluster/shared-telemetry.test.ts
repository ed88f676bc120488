import { describe, expect, it } from 'vitest';
import { envelopeOf } from '../../support/delivery-server.js';
import { connectTo, serve } from '../../support/networked.js';
import { MeetingDirectory } from '../../support/shared-stream.js';

const first = envelopeOf({ generation: 1, values: { greeting: 'hello', farewell: 'bye' } });

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
  it('each process reports its own reads and contexts as a separate instance', async () => {
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
