import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { BoundQuonfig, type Config, ConfigStore, type Contexts } from '../../lib/index.js';
import { AmbientContexts } from '../../lib/client/ambient-contexts.js';
import { ReadTier } from '../../lib/client/read-tier.js';
import { ConfigReads } from '../../lib/reads/config-reads.js';
import { keyFilter } from '../../lib/model/index.js';
import { Snapshot, type SnapshotUpdate } from '../../lib/store/index.js';
import {
  config,
  constant,
  envelope,
  flagWhen,
  inSegment,
  rule,
  segment,
  value,
  when,
} from '../support/configs.js';
import { checked } from '../support/checked.js';

function snapshotOf(configs: Config[], generation?: number, version = 'v1'): Promise<Snapshot> {
  const meta = { version, ...(generation !== undefined && { generation }) };
  return Snapshot.fromEnvelope(checked(envelope(configs, meta)), 'the test', {
    now: Date.now,
    random: Math.random,
    env: () => undefined,
    warnOnce: () => undefined,
  });
}

function readerOf(store: ConfigStore): BoundQuonfig {
  const settings = {
    onNoDefault: 'ignore',
    onUnknownKey: 'silent',
    loggerKey: undefined,
    warn: () => undefined,
    warnOnce: () => undefined,
  } as const;
  return new BoundQuonfig(
    new ConfigReads(store, settings),
    ReadTier.of(new AmbientContexts(undefined)),
  );
}

/** Returns a function that returns the latest update from here on. */
function updateOf(store: ConfigStore): () => SnapshotUpdate {
  let latest: SnapshotUpdate | undefined;
  store.updates$.subscribe((update) => (latest = update));
  return () => latest!;
}

describe('ConfigStore', () => {
  it('a store is empty before the first install', () => {
    const store = new ConfigStore();
    expect(store.current).toBeUndefined();
    expect(store.heldGeneration).toBe(0);
    expect(store.installCount).toBe(0);
    expect(readerOf(store).keys()).toEqual([]);
  });

  it('a store installs every snapshot of a source without generations', async () => {
    const store = new ConfigStore();
    const lastUpdate = updateOf(store);
    for (const at of [1, 2, 3]) {
      const snapshot = await snapshotOf([constant('n', 'int', at)]);
      store.install(snapshot, 'datadir');
      expect(store.current).toBe(snapshot);
      expect(readerOf(store).get('n')).toBe(at);
    }
    expect(store.installCount).toBe(3);
    expect(lastUpdate()).toMatchObject({ source: 'datadir', version: 'v1', generation: 0 });
  });

  it('a store installs only newer snapshots from the network and returns the verdict', async () => {
    const store = new ConfigStore();
    const updates: number[] = [];
    store.updates$.subscribe(({ generation }) => updates.push(generation));
    const offers = [
      [3, 'install'],
      [3, 'equal'],
      [2, 'older'],
      [0, 'unversioned'],
      [4, 'install'],
      [3, 'older'],
    ] as const;
    for (const [generation, verdict] of offers) {
      const snapshot = await snapshotOf([constant('n', 'int', generation)], generation);
      expect(store.installIfNewer(snapshot, 'stream')).toBe(verdict);
    }
    expect(readerOf(store).get('n')).toBe(4);
    expect(store.heldGeneration).toBe(4);
    expect(store.installCount).toBe(2);
    expect(updates).toEqual([3, 4]);
  });

  it('a store never lowers its generation', async () => {
    const store = new ConfigStore();
    store.install(await snapshotOf([], 9), 'fetch');
    store.install(await snapshotOf([]), 'datafile');
    expect(store.heldGeneration).toBe(9);
    expect(store.installIfNewer(await snapshotOf([], 8), 'poll')).toBe('older');
  });

  it('a closed store ignores installs, while reads keep using the current configs', async () => {
    const store = new ConfigStore();
    let ended = false;
    store.updates$.subscribe({ complete: () => (ended = true) });
    store.install(await snapshotOf([constant('n', 'int', 1)], 1), 'fetch');
    store.close();
    expect(ended).toBe(true);
    store.install(await snapshotOf([constant('n', 'int', 2)], 2), 'fetch');
    store.installIfNewer(await snapshotOf([constant('n', 'int', 3)], 3), 'fetch');
    expect(readerOf(store).get('n')).toBe(1);
    expect(store.installCount).toBe(1);
  });
});

describe('reads during an update', () => {
  it('reads see only new configs in the callback of an update, including the first', async () => {
    const store = new ConfigStore();
    const reader = readerOf(store);
    const seen: unknown[] = [];
    store.updates$.subscribe((update) => {
      seen.push([update.version, reader.get('a'), reader.get('b')]);
    });
    for (const version of ['v1', 'v2']) {
      const configs = ['a', 'b'].map((key) => constant(key, 'string', `${key} of ${version}`));
      store.install(await snapshotOf(configs, undefined, version), 'datadir');
    }
    expect(seen).toEqual([
      ['v1', 'a of v1', 'b of v1'],
      ['v2', 'a of v2', 'b of v2'],
    ]);
  });

  it('a read sees only old configs if a context getter installs new ones meanwhile', async () => {
    const configs = (stored: string, plan: string): Config[] => [
      config('it', 'string', [
        rule(value('string', stored), when('IS_PRESENT', 'trap.door'), inSegment('members')),
      ]),
      segment('members', when('PROP_IS_ONE_OF', 'user.plan', [plan])),
    ];
    const store = new ConfigStore();
    const reader = readerOf(store);
    store.install(await snapshotOf(configs('old', 'free')), 'datadir');
    const next = await snapshotOf(configs('new', 'pro'));
    const contexts: Contexts = {
      user: { plan: 'free' },
      trap: {
        get door() {
          store.install(next, 'datadir');
          return 1;
        },
      },
    };
    expect(reader.get('it', contexts)).toBe('old');
    expect(reader.get('it', { user: { plan: 'pro' }, trap: { door: 1 } })).toBe('new');
    expect(reader.get('it', { user: { plan: 'free' }, trap: { door: 1 } })).toBeUndefined();
  });

  it('reads see the newest configs if another subscriber installs them during an update', async () => {
    const store = new ConfigStore();
    const reader = readerOf(store);
    const second = await snapshotOf([constant('n', 'int', 2)], 2);
    store.updates$.subscribe(({ generation }) => {
      if (generation === 1) store.installIfNewer(second, 'stream');
    });
    const seen: [number, unknown][] = [];
    store.updates$.subscribe(({ generation }) => seen.push([generation, reader.get('n')]));
    store.installIfNewer(await snapshotOf([constant('n', 'int', 1)], 1), 'stream');
    expect(seen).toEqual([
      [2, 2],
      [1, 2],
    ]);
    expect(store.heldGeneration).toBe(2);
  });
});

describe('SnapshotUpdate', () => {
  async function updateBetween(before: Config[], after: Config[]): Promise<SnapshotUpdate> {
    const store = new ConfigStore();
    const lastUpdate = updateOf(store);
    store.install(await snapshotOf(before), 'datadir');
    store.install(await snapshotOf(after), 'datadir');
    return lastUpdate();
  }

  it('an update lists every key as added after the first install', async () => {
    const store = new ConfigStore();
    const lastUpdate = updateOf(store);
    store.install(await snapshotOf([constant('a', 'int', 1), constant('b', 'int', 2)]), 'datafile');
    expect(lastUpdate()).toMatchObject({ added: ['a', 'b'], changed: [], removed: [] });
    expect(lastUpdate().installedAt).toBeInstanceOf(Date);
  });

  it('an update lists the keys that were added, changed and removed', async () => {
    const update = await updateBetween(
      [constant('same', 'int', 1), constant('gone', 'int', 1), constant('other', 'int', 1)],
      [constant('other', 'int', 2), constant('same', 'int', 1), constant('new', 'int', 1)],
    );
    expect(update).toMatchObject({ added: ['new'], changed: ['other'], removed: ['gone'] });
  });

  it('an update lists the same changes if configs were read in between', async () => {
    const store = new ConfigStore();
    const lastUpdate = updateOf(store);
    const reader = readerOf(store);
    store.install(await snapshotOf([constant('a', 'json', {}), constant('b', 'int', 1)]), 'fetch');
    for (const key of reader.keys()) {
      reader.get(key);
      reader.rawConfig(key);
    }
    store.install(await snapshotOf([constant('a', 'json', {}), constant('b', 'int', 2)]), 'fetch');
    reader.get('a');
    expect(lastUpdate()).toMatchObject({ added: [], changed: ['b'], removed: [] });
  });

  it('an update ignores the order of properties', async () => {
    const { key, ...rest } = flagWhen('a', when('IS_PRESENT', 'user.key'));
    const update = await updateBetween([{ key, ...rest }], [{ ...rest, key }]);
    expect(update.changed).toEqual([]);
  });

  it('an update detects a change anywhere in a config', async () => {
    const flag = flagWhen('a', when('PROP_IS_ONE_OF', 'user.key', ['a', 'b']));
    for (const other of [
      flagWhen('a', when('PROP_IS_ONE_OF', 'user.key', ['b', 'a'])),
      flagWhen('a', when('PROP_IS_NOT_ONE_OF', 'user.key', ['a', 'b'])),
      { ...flag, sendToClientSdk: true },
      { ...flag, id: undefined },
      { ...flag, default: null },
      { ...flag, default: { rules: [], more: 1 } as never },
      { ...flag, environment: { id: 'staging', rules: [] } },
    ]) {
      expect((await updateBetween([flag], [other])).changed).toEqual(['a']);
    }
  });

  it('an update to another environment lists configs with environment rules as changed, even if they are equal', async () => {
    const configs = [
      { ...constant('a', 'int', 1), environment: { id: 'staging', rules: [] } },
      constant('b', 'int', 1),
    ];
    const store = new ConfigStore();
    const lastUpdate = updateOf(store);
    const host = {
      now: Date.now,
      random: Math.random,
      env: () => undefined,
      warnOnce: () => undefined,
    };
    for (const environment of ['production', 'staging']) {
      const snapshot = await Snapshot.fromEnvelope(
        checked(envelope(configs, { environment })),
        'the test',
        host,
      );
      store.install(snapshot, 'fetch');
    }
    expect(lastUpdate()).toMatchObject({ added: [], changed: ['a'], removed: [] });
  });

  it('an update matches a filter exactly if it added, changed or removed a matching key', async () => {
    const before = ['search.a', 'search.b', 'other'].map((key) => constant(key, 'int', 1));
    const after = [constant('search.a', 'int', 2), constant('search.c', 'int', 1), before[2]!];
    for (const askedBefore of [false, true]) {
      const update = await updateBetween(before, after);
      if (askedBefore) expect(update.changed).toEqual(['search.a']);
      const touches = (...patterns: string[]) => update.touches(keyFilter(patterns));
      expect(touches()).toBe(true);
      expect(touches('search.a')).toBe(true);
      expect(touches('search.b')).toBe(true);
      expect(touches('search.c')).toBe(true);
      expect(touches('search.*')).toBe(true);
      expect(touches('none', '*.c')).toBe(true);
      expect(touches('other')).toBe(false);
      expect(touches('none')).toBe(false);
      expect(touches('other*', 'none.*')).toBe(false);
    }
  });

  it('an update without changes still matches a filter without restrictions', async () => {
    const update = await updateBetween([constant('a', 'int', 1)], [constant('a', 'int', 1)]);
    expect(update).toMatchObject({ added: [], changed: [], removed: [] });
    expect(update.touches(keyFilter([]))).toBe(true);
    expect(update.touches(keyFilter(['*']))).toBe(false);
  });

  it('an update detects changes in extremely deep configs', async () => {
    let nested: unknown[] = [];
    for (let depth = 0; depth < 100_000; depth++) nested = [nested];
    const update = await updateBetween(
      [constant('deep', 'json', nested), constant('a', 'int', 1)],
      [constant('deep', 'json', [nested]), constant('a', 'int', 2)],
    );
    expect(update.changed).toEqual(['deep', 'a']);
  });
});

it('inspect and JSON of a store describe the current snapshot without showing any config', async () => {
  const store = new ConfigStore();
  expect(inspect(store)).toContain('version: undefined');
  store.install(await snapshotOf([constant('flag', 'string', 'text')], 7), 'fetch');
  const shown = { version: 'v1', environment: 'production', generation: 7, installs: 1 };
  expect(JSON.parse(JSON.stringify(store))).toEqual(shown);
  expect(inspect(store, { depth: Infinity, breakLength: Infinity })).toBe(
    `ConfigStore ${inspect(shown, { breakLength: Infinity })}`,
  );
});
