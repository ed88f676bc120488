import { Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { contextTier, type Contexts } from '../../lib/model/index.js';
import { Snapshot } from '../../lib/store/index.js';
import type { TelemetryWindow } from '../../lib/telemetry/telemetry-window.js';
import { constant, envelope, flagWhen, value, config, rule, when } from '../support/configs.js';
import { noFailover, windowOf } from './support/windows.js';
import { checked } from '../support/checked.js';

const NOW = 1_790_000_000_000;
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }));
afterEach(() => void vi.useRealTimers());

async function snapshotOf(configs: unknown[]): Promise<Snapshot> {
  return Snapshot.fromEnvelope(checked(envelope(configs)), 'test', {
    env: () => undefined,
    random: () => 0,
    warnOnce: () => {},
    now: () => NOW,
  });
}

/** Records like a read. */
function read(window: TelemetryWindow, snapshot: Snapshot, key: string, call?: Contexts): void {
  const outcome = snapshot.find(key)!.match(call, undefined)!;
  window.recordContexts(call, undefined);
  const resolved = outcome.resolve(call, undefined);
  if (outcome.reads++ === 0 || !outcome.isUniform) window.recordOutcome(outcome, resolved);
}

async function eventsOf(window: TelemetryWindow): Promise<any[]> {
  const bytes = await window.take();
  return bytes === undefined ? [] : JSON.parse(Buffer.from(bytes).toString()).events;
}

describe('a window of telemetry', () => {
  it('a window is serialized with the events and fields of the wire format, in order', async () => {
    let failover = noFailover;
    const counted$ = new Subject<void>();
    const window = windowOf({}, { failover: { totals: () => failover, counted$ } });
    const snapshot = await snapshotOf([
      flagWhen('flag', when('PROP_IS_ONE_OF', 'user.key', ['a'])),
    ]);
    const call = { user: { key: 'a', age: 3, score: 1.5, beta: true, roles: ['x'] } };
    read(window, snapshot, 'flag', call);
    read(window, snapshot, 'flag', call);
    failover = { ...noFailover, hedgeFired: 1 };
    counted$.next();
    const body = Buffer.from((await window.take())!).toString();
    expect(body).toBe(
      `{"instanceHash":"hash","events":[{"summaries":{"start":${NOW},"end":${NOW},"summaries":[` +
        '{"key":"flag","type":"feature_flag","counters":[{"configId":"id-of-flag","conditionalValueIndex":0,' +
        '"configRowIndex":0,"selectedValue":{"bool":true},"count":2,"reason":2}]}]}},' +
        '{"contextShapes":{"shapes":[{"name":"user","fieldTypes":{"key":2,"age":1,"score":4,"beta":5,"roles":10}}]}},' +
        `{"exampleContexts":{"examples":[{"timestamp":${NOW},"contextSet":{"contexts":[{"type":"user","values":` +
        '{"key":"a","age":3,"score":1.5,"beta":true,"roles":["x"]}}]}}]}},' +
        `{"failover":{"start":${NOW},"end":${NOW},"hedgeFired":1,"guardRejected":0,"resolvedFromPrimary":0,` +
        '"resolvedFromSecondary":0,"resolvedFromLkg":0}}]}',
    );
    expect(await window.take()).toBeUndefined();
  });

  it('a window merges equal counters of two snapshots', async () => {
    const window = windowOf();
    for (let i = 0; i < 2; i++) read(window, await snapshotOf([constant('n', 'double', 2)]), 'n');
    const [{ summaries }] = await eventsOf(window);
    expect(summaries.summaries[0].counters).toEqual([
      expect.objectContaining({ count: 2, selectedValue: { double: 2 } }),
    ]);
  });

  it('a window drops new keys beyond the cap, and known ones keep counting', async () => {
    const window = windowOf({ telemetryMaxEvaluationSummaries: 2 });
    const snapshot = await snapshotOf(['a', 'b', 'c'].map((key) => constant(key, 'int', 1)));
    for (const key of ['a', 'b', 'c', 'a']) read(window, snapshot, key);
    const [{ summaries }] = await eventsOf(window);
    expect(summaries.summaries.map((group: any) => group.key)).toEqual(['a', 'b']);
    expect(summaries.summaries[0].counters[0].count).toBe(2);
    read(window, snapshot, 'c');
    expect((await eventsOf(window))[0].summaries.summaries[0].counters[0].count).toBe(1);
  });

  it('a window contains neither confidential values nor log levels', async () => {
    const window = windowOf();
    const secret = value('string', 'plain-secret', { confidential: true });
    const snapshot = await snapshotOf([
      config('secret', 'string', [rule(secret)]),
      config('level', 'log_level', [rule(value('log_level', 'INFO'))], 'log_level'),
    ]);
    read(window, snapshot, 'secret');
    read(window, snapshot, 'level');
    const body = Buffer.from((await window.take())!).toString();
    expect(body).toMatch(/"selectedValue":\{"string":"\*{5}[0-9a-f]{5}"\}/);
    expect(body).not.toMatch(/plain-secret|level/);
  });

  it('a window records one example per identity and hour', async () => {
    const window = windowOf();
    const record = () =>
      window.recordContexts({ user: { key: 'u' }, team: { key: 't' } }, undefined);
    const examples = async () => (await eventsOf(window)).filter((event) => event.exampleContexts);
    record();
    record();
    expect(await examples()).toHaveLength(1);
    record();
    expect(await examples()).toHaveLength(0);
    vi.setSystemTime(NOW + 3_600_001);
    await window.take();
    record();
    expect(await examples()).toHaveLength(1);
  });

  it('a window records the innermost context of each name, redacted', async () => {
    const window = windowOf({
      redactContext: (name, { key }) => (name === 'team' ? undefined : { key }),
    });
    const base = contextTier({ user: { key: 'far', far: 1 }, device: { key: 'd' } });
    window.recordContexts({ user: { key: 'near', secret: 's' }, team: { key: 't' } }, base);
    const [, { exampleContexts }] = await eventsOf(window);
    expect(exampleContexts.examples[0].contextSet.contexts).toEqual([
      { type: 'user', values: { key: 'near' } },
      { type: 'device', values: { key: 'd' } },
    ]);
  });

  it('a window accepts contexts with any content', async () => {
    const window = windowOf();
    const cycle: Record<string, unknown> = {
      key: 'c',
      big: 1n,
      s: Symbol('s'),
      nan: NaN,
      text: 'x'.repeat(1e6),
    };
    cycle['self'] = cycle;
    const throwing = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no');
        },
      },
    );
    const hostile: unknown[] = [
      { user: cycle },
      { user: throwing },
      throwing,
      null,
      {
        user: {
          key: 'g',
          get bad() {
            throw new Error('no');
          },
        },
      },
      JSON.parse('{"__proto__":{"key":"p","__proto__":1}}'),
      { user: Object.assign(Object.create(null), { key: 'n' }) },
    ];
    for (const call of hostile) window.recordContexts(call as Contexts, undefined);
    expect((await window.take())!.length).toBeLessThan(10_000);
  });

  it('a stopped window is empty and records nothing', async () => {
    const window = windowOf();
    window.recordContexts({ user: { key: 'a' } }, undefined);
    window.stop();
    window.recordContexts({ user: { key: 'b' } }, undefined);
    expect(window.isEmpty).toBe(true);
    expect(await window.take()).toBeUndefined();
  });
});
