import { describe, expect, it } from 'vitest';
import { Reporting } from './support/reporting.js';

interface Reported {
  readonly events: {
    summaries?: { summaries: { key: string; counters: { count: number }[] }[] };
    exampleContexts?: { examples: { contextSet: { contexts: { type: string }[] } }[] };
  }[];
}

function reported(t: Reporting, request = 0): Reported {
  return JSON.parse(t.stub.requests[request]!.body) as Reported;
}

function examplesOf(t: Reporting): unknown[] {
  return reported(t).events.flatMap((event) => event.exampleContexts?.examples ?? []);
}

describe('telemetry of hostile contexts', () => {
  it('a batch is complete even if some contexts cannot be serialized', async () => {
    const t = await Reporting.start([200]);
    const cycle: Record<string, unknown> = { key: 'cycle' };
    cycle['self'] = cycle;
    const hostile: Record<string, unknown>[] = [
      { key: 'big', amount: 10n },
      cycle,
      Object.assign(Object.create(null) as object, { key: 'bare' }),
      {
        key: 'getter',
        get name(): string {
          throw new Error('no name');
        },
      },
    ];
    for (const user of hostile) expect(t.service.get('flag-0', { user })).toBe(true);
    t.service.get('flag-1', { user: { key: 'plain' } });
    await t.tick(1);
    expect(t.keysOf(0)).toEqual(['flag-0', 'flag-1']);
    expect(t.stub.requests[0]!.body).toContain('"plain"');
    const [first] = reported(t).events.flatMap((event) => event.summaries?.summaries ?? []);
    expect(first?.counters.reduce((sum, { count }) => sum + count, 0)).toBe(hostile.length);
  });

  it('a batch contains only a bounded part of values that are megabytes long', async () => {
    const t = await Reporting.start([200]);
    const body = 'x'.repeat(2_000_000);
    for (let user = 0; user < 10; user++) {
      t.service.get('flag-0', { user: { key: `user-${user}`, body, list: [body, body] } });
    }
    await t.tick(1);
    expect(examplesOf(t)).toHaveLength(10);
    expect(t.stub.requests[0]!.body.length).toBeLessThan(100_000);
  });

  it('known keys keep counting when there is no room for new ones', async () => {
    const t = await Reporting.start([200], { telemetryMaxEvaluationSummaries: 2 });
    t.record(0, 1, 2, 3, 0, 1, 0);
    await t.tick(1);
    const summaries = reported(t).events.flatMap((event) => event.summaries?.summaries ?? []);
    expect(summaries.map(({ key, counters }) => [key, counters[0]?.count])).toEqual([
      ['flag-0', 3],
      ['flag-1', 2],
    ]);
  });

  it('a batch contains only what redactContext returns of a context', async () => {
    const t = await Reporting.start([200], {
      redactContext: (_name, { key }) => ({ key }),
    });
    t.service.get('flag-0', { user: { key: 'known', email: 'someone@example.com' } });
    await t.tick(1);
    expect(examplesOf(t)).toHaveLength(1);
    expect(t.stub.requests[0]!.body).not.toContain('someone@example.com');
  });
});
