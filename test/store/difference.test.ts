import { describe, expect, it, vi } from 'vitest';
import {
  type Config,
  type LoadedEnvelope,
  loadedEnvelope,
  packConfig,
  PackedConfig,
  type StoredConfig,
} from '../../lib/model/index.js';
import { differenceBetween, Snapshot, reuseUnchanged } from '../../lib/store/index.js';
import { constant } from '../support/configs.js';

const host = { now: Date.now, random: Math.random, env: () => undefined, warnOnce: () => {} };

function envelopeOf(configs: readonly unknown[]): LoadedEnvelope {
  return loadedEnvelope(configs as StoredConfig[], { version: 'v', environment: 'e' });
}

function snapshotOf(configs: readonly unknown[]): Promise<Snapshot> {
  return Snapshot.fromEnvelope(envelopeOf(configs), 'a test', host);
}

function packed(config: Config): PackedConfig {
  const made = packConfig(config);
  if (!(made instanceof PackedConfig)) throw new Error('It is no config.');
  return made;
}

describe('differenceBetween', () => {
  it('differenceBetween lists the keys that were added, changed and removed', async () => {
    const before = await snapshotOf([constant('a', 'int', 1), constant('b', 'int', 1)]);
    const after = await snapshotOf([constant('c', 'int', 1), constant('b', 'int', 2)]);
    expect(differenceBetween(before, after)).toEqual({
      added: ['c'],
      changed: ['b'],
      removed: ['a'],
    });
    expect(differenceBetween(undefined, before).added).toEqual(['a', 'b']);
  });

  it('differenceBetween does not inspect a config that is the same object in both snapshots', async () => {
    const plain = constant('plain', 'int', 1);
    const stored = packed(constant('packed', 'int', 1));
    const before = await snapshotOf([plain, stored, constant('other', 'int', 1)]);
    const after = await snapshotOf([plain, stored, constant('other', 'int', 2)]);
    const unpack = vi.spyOn(stored, 'unpack');
    const looked = vi.fn(() => 'config');
    Object.defineProperty(plain, 'type', { get: looked, enumerable: true });

    expect(differenceBetween(before, after).changed).toEqual(['other']);
    expect(unpack).not.toHaveBeenCalled();
    expect(looked).not.toHaveBeenCalled();
  });
});

describe('reuseUnchanged', () => {
  it('reuseUnchanged replaces equal configs with the current ones, packed or not', async () => {
    const one = constant('one', 'int', 1);
    const two = packed(constant('two', 'int', 1));
    const current = await snapshotOf([one, two, constant('three', 'int', 1)]);
    const { key, ...rest } = constant('one', 'int', 1);
    const changed = constant('three', 'int', 2);
    const added = constant('four', 'int', 1);

    const { configs, meta } = await reuseUnchanged(
      envelopeOf([{ ...rest, key }, constant('two', 'int', 1), changed, added]),
      current,
    );

    expect(meta.version).toBe('v');
    expect(configs.map((config, at) => config === [one, two, changed, added][at])).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it('reuseUnchanged keeps invalid entries, so that the store can report them', async () => {
    const current = await snapshotOf([constant('one', 'int', 1)]);
    const junk = [null, 7, 'text', {}, { key: 3 }, { key: 'one' }];
    expect((await reuseUnchanged(envelopeOf(junk), current)).configs).toEqual(junk);
  });
});
