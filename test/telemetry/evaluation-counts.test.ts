import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { Config, Contexts } from '../../lib/model/index.js';
import { Snapshot } from '../../lib/store/index.js';
import { EvaluationCounts } from '../../lib/telemetry/evaluations/evaluation-counts.js';
import { summariesEvent } from '../../lib/telemetry/evaluations/evaluation-counts.js';
import {
  config,
  constant,
  envelope,
  flagWhen,
  rule,
  split,
  value,
  when,
  yes,
} from '../support/configs.js';
import { checked } from '../support/checked.js';

interface Summary {
  key: string;
  counters: { count: number; selectedValue: unknown; weightedValueIndex?: number }[];
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** One window of counts, read through snapshots that replace each other. */
class Window {
  readonly counts: EvaluationCounts;
  env: Record<string, string> = {};
  private snapshot!: Snapshot;

  constructor(maxConfigs = 10_000) {
    this.counts = new EvaluationCounts(maxConfigs);
  }

  async install(configs: Config[], environment = 'production'): Promise<Snapshot> {
    this.snapshot = await Snapshot.fromEnvelope(
      checked(envelope(configs, { environment })),
      'the test',
      {
        env: (name) => this.env[name],
        random: () => 0,
        warnOnce: () => undefined,
        now: () => Date.now(),
      },
    );
    return this.snapshot;
  }

  /** Records like a read. */
  read(key: string, call?: Contexts, times = 1): void {
    for (let time = 0; time < times; time++) {
      const outcome = this.snapshot.find(key)!.match(call, undefined)!;
      const resolved = outcome.resolve(call, undefined);
      if (outcome.reads++ === 0 || !outcome.isUniform) this.counts.record(outcome, resolved);
    }
  }

  async take(): Promise<Summary[]> {
    const closed = this.counts.take();
    if (closed === undefined) return [];
    const text = (await summariesEvent(closed, Date.now())).join('');
    return (JSON.parse(text) as { summaries: { summaries: Summary[] } }).summaries.summaries;
  }
}

const countsOf = (summaries: Summary[], key: string): number[] =>
  summaries.find((each) => each.key === key)?.counters.map(({ count }) => count) ?? [];

describe('counts of reads', () => {
  it('counts are complete however often the configs are replaced', async () => {
    const window = new Window(2);
    for (let swap = 0; swap < 40; swap++) {
      await window.install([constant('a', 'int', 1), flagWhen('b', when('PROP_IS_ONE_OF', 'u.k'))]);
      window.read('a', undefined, 5);
      window.read('b', { u: { k: 1 } }, 3);
    }
    const summaries = await window.take();
    expect(countsOf(summaries, 'a')).toEqual([200]);
    expect(countsOf(summaries, 'b')).toEqual([120]);
  });

  it('counts of split, confidential and provided values continue in the next snapshot', async () => {
    const window = new Window();
    window.env['QUONFIG_TEST_COUNTED'] = 'one';
    const secret = value('string', 'plain', { confidential: true });
    const provided = value('provided', { source: 'ENV_VAR', lookup: 'QUONFIG_TEST_COUNTED' });
    const configs = () => [
      config('split', 'string', [
        rule(
          split(
            ['x', 'y'].map((text) => ({ weight: 1, value: value('string', text) })),
            'u.k',
          ),
        ),
      ]),
      config('secret', 'string', [rule(secret)]),
      config('provided', 'string', [rule(provided)]),
    ];
    for (let swap = 0; swap < 3; swap++) {
      await window.install(configs());
      for (let user = 0; user < 20; user++) window.read('split', { u: { k: user } });
      window.read('secret');
      window.read('provided');
    }
    window.env['QUONFIG_TEST_COUNTED'] = 'two';
    window.read('provided', undefined, 4);
    const summaries = await window.take();
    const shares = summaries.find(({ key }) => key === 'split')!.counters;
    expect(new Set(shares.map(({ weightedValueIndex }) => weightedValueIndex))).toEqual(
      new Set([0, 1]),
    );
    expect(shares.reduce((sum, { count }) => sum + count, 0)).toBe(60);
    expect(shares.every(({ count }) => count % 3 === 0)).toBe(true);
    expect(countsOf(summaries, 'secret')).toEqual([3]);
    expect(summaries.find(({ key }) => key === 'provided')!.counters).toMatchObject([
      { selectedValue: { string: 'one' }, count: 3 },
      { selectedValue: { string: 'two' }, count: 4 },
    ]);
  });

  it('two rules with the same reported fields share one count', async () => {
    const window = new Window();
    const both: Config = {
      ...config('flag', 'bool', [rule(yes)]),
      environment: { id: 'production', rules: [rule(yes, when('PROP_IS_ONE_OF', 'u.k', ['a']))] },
    };
    for (let swap = 0; swap < 3; swap++) {
      await window.install([both]);
      for (let turn = 0; turn < 10; turn++) {
        window.read('flag', { u: { k: 'a' } });
        window.read('flag', { u: { k: 'b' } });
      }
    }
    expect(countsOf(await window.take(), 'flag')).toEqual([60]);
  });

  it('each window has its own counts, even if no configs were replaced', async () => {
    const window = new Window();
    await window.install([constant('a', 'int', 1)]);
    window.read('a', undefined, 2);
    expect(countsOf(await window.take(), 'a')).toEqual([2]);
    window.read('a', undefined, 3);
    expect(countsOf(await window.take(), 'a')).toEqual([3]);
    expect(await window.take()).toEqual([]);
  });

  it('new values are dropped beyond ten per allowed config, and known ones keep counting', async () => {
    const window = new Window(3);
    const provided = value('provided', { source: 'ENV_VAR', lookup: 'QUONFIG_TEST_COUNTED' });
    await window.install([config('random', 'string', [rule(provided)]), constant('a', 'int', 1)]);
    for (let round = 0; round < 2; round++) {
      for (let at = 0; at < 50; at++) {
        window.env['QUONFIG_TEST_COUNTED'] = `value ${at}`;
        window.read('random');
      }
    }
    window.read('a');
    const summaries = await window.take();
    expect(countsOf(summaries, 'random')).toEqual(Array.from({ length: 30 }, () => 2));
    expect(countsOf(summaries, 'a')).toEqual([]);
    window.read('a');
    expect(countsOf(await window.take(), 'a')).toEqual([1]);
  });

  it('a provided JSON value is reported as a string', async () => {
    const window = new Window();
    window.env['QUONFIG_TEST_COUNTED'] = '{"a":[1]}';
    const provided = value('provided', { source: 'ENV_VAR', lookup: 'QUONFIG_TEST_COUNTED' });
    await window.install([config('json', 'json', [rule(provided)])]);
    window.read('json', undefined, 3);
    const [json] = await window.take();
    expect(json!.counters).toMatchObject([{ count: 3, selectedValue: { string: '{"a":[1]}' } }]);
  });
});

describe('reported values', () => {
  it('a long list is truncated in the report', async () => {
    const window = new Window();
    await window.install([
      constant('long', 'string_list', ['x'.repeat(5_000), 'y'.repeat(5_000), 'z'.repeat(5_000)]),
      constant('many', 'string_list', Array.from({ length: 1e5 }, String)),
      constant('empty', 'string_list', Array.from({ length: 1e5 }).fill('')),
    ]);
    for (const key of ['long', 'many', 'empty']) window.read(key);
    for (const { key, counters } of await window.take()) {
      const { stringList } = counters[0]!.selectedValue as { stringList: string[] };
      expect(stringList.length, key).toBeGreaterThan(2);
      expect(JSON.stringify(stringList).length, key).toBeLessThan(4_200);
    }
  });

  it('a window contains at most eight million characters of values, and known ones keep counting', async () => {
    const window = new Window();
    const long = (key: string) => constant(key, 'json', { [key]: 'x'.repeat(2_000) });
    const keys = Array.from({ length: 9_000 }, (_, index) => `key-${index}`);
    await window.install(keys.map(long));
    for (let round = 0; round < 2; round++) for (const key of keys) window.read(key);
    const summaries = await window.take();
    expect(summaries.length).toBeGreaterThan(6_000);
    expect(summaries.length).toBeLessThan(8_000);
    expect(summaries.every(({ counters }) => counters[0]!.count === 2)).toBe(true);
    expect(JSON.stringify(summaries).length).toBeLessThan(9_000_000);
  });
});

it('replaced snapshots are garbage-collected, even with keys beyond the cap', async () => {
  const window = new Window(5);
  const snapshots: WeakRef<Snapshot>[] = [];
  for (let swap = 0; swap < 20; swap++) {
    const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);
    snapshots.push(new WeakRef(await window.install(keys.map((key) => constant(key, 'int', 1)))));
    for (const key of keys) window.read(key);
    // A WeakRef keeps its target alive until the end of the turn that created it.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  collectGarbage();
  const alive = snapshots.filter((snapshot) => snapshot.deref() !== undefined);
  expect(alive.length).toBeLessThan(5);
  expect(countsOf(await window.take(), 'key-0')).toEqual([20]);
});
