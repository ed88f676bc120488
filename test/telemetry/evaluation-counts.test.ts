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

interface Told {
  key: string;
  counters: { count: number; selectedValue: unknown; weightedValueIndex?: number }[];
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** One window, read through snapshots that replace each other. */
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

  /** As a read does it. */
  read(key: string, call?: Contexts, times = 1): void {
    for (let time = 0; time < times; time++) {
      const outcome = this.snapshot.find(key)!.match(call, undefined)!;
      const given = outcome.resolve(call, undefined);
      if (outcome.reads++ === 0 || !outcome.isUniform) this.counts.record(outcome, given);
    }
  }

  async take(): Promise<Told[]> {
    const closed = this.counts.take();
    if (closed === undefined) return [];
    const text = (await summariesEvent(closed, Date.now())).join('');
    return (JSON.parse(text) as { summaries: { summaries: Told[] } }).summaries.summaries;
  }
}

const countsOf = (told: Told[], key: string): number[] =>
  told.find((each) => each.key === key)?.counters.map(({ count }) => count) ?? [];

describe('counts of reads', () => {
  it('are complete however often the configs are replaced in the meantime', async () => {
    const window = new Window(2);
    for (let swap = 0; swap < 40; swap++) {
      await window.install([constant('a', 'int', 1), flagWhen('b', when('PROP_IS_ONE_OF', 'u.k'))]);
      window.read('a', undefined, 5);
      window.read('b', { u: { k: 1 } }, 3);
    }
    const told = await window.take();
    expect(countsOf(told, 'a')).toEqual([200]);
    expect(countsOf(told, 'b')).toEqual([120]);
  });

  it('of split, confidential and provided values go on in the next set of configs', async () => {
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
    const told = await window.take();
    const shares = told.find(({ key }) => key === 'split')!.counters;
    expect(new Set(shares.map(({ weightedValueIndex }) => weightedValueIndex))).toEqual(
      new Set([0, 1]),
    );
    expect(shares.reduce((sum, { count }) => sum + count, 0)).toBe(60);
    expect(shares.every(({ count }) => count % 3 === 0)).toBe(true);
    expect(countsOf(told, 'secret')).toEqual([3]);
    expect(told.find(({ key }) => key === 'provided')!.counters).toMatchObject([
      { selectedValue: { string: 'one' }, count: 3 },
      { selectedValue: { string: 'two' }, count: 4 },
    ]);
  });

  it('of two rules that are told alike are one, whichever is read', async () => {
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

  it('belong to the window of the read, also when nothing was replaced', async () => {
    const window = new Window();
    await window.install([constant('a', 'int', 1)]);
    window.read('a', undefined, 2);
    expect(countsOf(await window.take(), 'a')).toEqual([2]);
    window.read('a', undefined, 3);
    expect(countsOf(await window.take(), 'a')).toEqual([3]);
    expect(await window.take()).toEqual([]);
  });

  it('past ten values a config of the limit leave new values out, and known ones count on', async () => {
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
    const told = await window.take();
    expect(countsOf(told, 'random')).toEqual(Array.from({ length: 30 }, () => 2));
    expect(countsOf(told, 'a')).toEqual([]);
    window.read('a');
    expect(countsOf(await window.take(), 'a')).toEqual([1]);
  });

  it('of provided JSON are told by its text', async () => {
    const window = new Window();
    window.env['QUONFIG_TEST_COUNTED'] = '{"a":[1]}';
    const provided = value('provided', { source: 'ENV_VAR', lookup: 'QUONFIG_TEST_COUNTED' });
    await window.install([config('json', 'json', [rule(provided)])]);
    window.read('json', undefined, 3);
    const [json] = await window.take();
    expect(json!.counters).toMatchObject([{ count: 3, selectedValue: { string: '{"a":[1]}' } }]);
  });
});

describe('what is told of values', () => {
  it('is the beginning of a long list', async () => {
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

  it('is no more than eight million characters of one window; what is known counts on', async () => {
    const window = new Window();
    const long = (key: string) => constant(key, 'json', { [key]: 'x'.repeat(2_000) });
    const keys = Array.from({ length: 9_000 }, (_, index) => `key-${index}`);
    await window.install(keys.map(long));
    for (let round = 0; round < 2; round++) for (const key of keys) window.read(key);
    const told = await window.take();
    expect(told.length).toBeGreaterThan(6_000);
    expect(told.length).toBeLessThan(8_000);
    expect(told.every(({ counters }) => counters[0]!.count === 2)).toBe(true);
    expect(JSON.stringify(told).length).toBeLessThan(9_000_000);
  });
});

it('replaced sets of configs are let go, also what found no room', async () => {
  const window = new Window(5);
  const sets: WeakRef<Snapshot>[] = [];
  for (let swap = 0; swap < 20; swap++) {
    const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);
    sets.push(new WeakRef(await window.install(keys.map((key) => constant(key, 'int', 1)))));
    for (const key of keys) window.read(key);
    // What a WeakRef was made from in this turn is kept until its end.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  collectGarbage();
  const kept = sets.filter((set) => set.deref() !== undefined);
  expect(kept.length).toBeLessThan(5);
  expect(countsOf(await window.take(), 'key-0')).toEqual([20]);
});
