import { describe, expect, it } from 'vitest';
import { hashPropertyMissing } from '../../lib/evaluation/evaluation.messages.js';
import { PrefixedMurmur3 } from '../../lib/evaluation/murmur3.js';
import type { Contexts, QuonfigService } from '../../lib/index.js';
import { config, rule, serviceOf, split, value } from '../support/configs.js';
import { RecordingLogger } from '../support/recording-logger.js';

interface SplitOptions {
  key?: string;
  hashBy?: string;
  log?: RecordingLogger;
  random?: () => number;
}

/** A service with a config that splits among `0`, `1`, `2` … by these weights. */
function splitting(
  weights: unknown[],
  { key = 'flag', hashBy, log = new RecordingLogger(), random = Math.random }: SplitOptions = {},
): Promise<QuonfigService> {
  const variants = weights.map((weight, index) => ({ weight, value: value('int', index) }));
  return serviceOf([config(key, 'int', [rule(split(variants, hashBy))])], { logger: log, random });
}

function hashOf(text: string, prefixLength = 0): number {
  return new PrefixedMurmur3(text.slice(0, prefixLength)).hashOf(text.slice(prefixLength)) >>> 0;
}

describe('the hash of a split', () => {
  it.each([
    ['', 0, 0],
    ['ü', 2017519274, 0.46974],
    ['feature-flag.weighted', 3942707013, 0.917983],
    ['feature-flag.weighted.missing-hash', 2983891333, 0.694741],
    ['feature-flag.weighted.zero-first', 705135719, 0.164177],
    ['feature-flag.weighteda72c15f5', 25307073, 0.005892],
    ['feature-flag.weighted92a202f2', 605612302, 0.141005],
    ['feature-flag.weighted42', 1149515701, 0.267642],
    ['feature-flag.weightedtrue', 1823378950, 0.424538],
    ['of.weighteduser-123', 331936261, 0.077285],
  ])('the hash is MurmurHash3 of the UTF-8 bytes: %j', (text, hash, fraction) => {
    expect(hashOf(text)).toBe(hash);
    expect(hashOf(text) / 4294967295).toBeCloseTo(fraction, 6);
  });

  it('the hash is the same wherever the string is divided into prefix and rest', () => {
    for (const text of ['feature-flag.weighteda72c15f5', 'zürich.für-alle 😀.u-17', 'é']) {
      const whole = hashOf(text);
      for (let length = 0; length <= text.length; length++) {
        // UTF-8 cannot encode the halves of a surrogate pair.
        if (/[\ud800-\udbff]$/.test(text.slice(0, length))) continue;
        expect(hashOf(text, length)).toBe(whole);
      }
    }
  });
});

describe('a split by a property', () => {
  it('a split hashes config key plus property and picks the first variant whose sum reaches the hash', async () => {
    // 25307073 / 4294967295 of 1000 is 5.89; 605612302 of it is 141.005.
    const service = await splitting([5, 1, 994], {
      key: 'feature-flag.weighted',
      hashBy: 'user.id',
    });
    expect(service.get('feature-flag.weighted', { user: { id: 'a72c15f5' } })).toBe(1);
    expect(service.get('feature-flag.weighted', { user: { id: '92a202f2' } })).toBe(2);
  });

  it('a hash exactly at the sum of a variant picks that variant', async () => {
    const hash = hashOf('flagu-1');
    for (const [weights, expected] of [
      [[hash, 4294967295 - hash], 0],
      [[hash - 1, 4294967295 - hash + 1], 1],
      [[hash + 1, 4294967295 - hash - 1], 0],
    ] as const) {
      const service = await splitting([...weights], { hashBy: 'user.id' });
      expect(service.get('flag', { user: { id: 'u-1' } })).toBe(expected);
    }
  });

  it('weights are relative to their sum', async () => {
    for (const scale of [0.001, 1, 1_800, 100_000]) {
      const service = await splitting([14 * scale, 86 * scale], {
        key: 'feature-flag.weighted',
        hashBy: 'user.id',
      });
      expect(service.get('feature-flag.weighted', { user: { id: 'a72c15f5' } })).toBe(0);
      expect(service.get('feature-flag.weighted', { user: { id: '92a202f2' } })).toBe(1);
    }
  });

  it('a split converts its property to a string, so 42 and "42" pick the same variant', async () => {
    const service = await splitting(Array<number>(100).fill(1), {
      key: 'feature-flag.weighted',
      hashBy: 'user.id',
    });
    const place = (id: unknown) => service.get('feature-flag.weighted', { user: { id } });
    expect(place(42)).toBe(26);
    expect(place('42')).toBe(26);
    expect(place(true)).toBe(42);
    expect(place('true')).toBe(42);
  });

  it('many contexts are distributed according to the weights', async () => {
    const service = await splitting([20, 30, 50], { hashBy: 'user.id' });
    const counts = [0, 0, 0];
    for (let i = 0; i < 20_000; i++) {
      counts[service.get<number>('flag', { user: { id: `u-${i}` } })]! += 1;
    }
    expect(counts[0]! / 20_000).toBeCloseTo(0.2, 1);
    expect(counts[1]! / 20_000).toBeCloseTo(0.3, 1);
    expect(counts[2]! / 20_000).toBeCloseTo(0.5, 1);
  });

  it('a variant of weight 0 is never picked while another has a weight', async () => {
    // An empty string under an empty key hashes to exactly 0.
    const first = await splitting([0, 0, 5, 0], { hashBy: 'user.id' });
    for (let i = 0; i < 500; i++) expect(first.get('flag', { user: { id: i } })).toBe(2);
    const random = await splitting([0, 1, 0], { random: () => 0 });
    expect(random.get('flag')).toBe(1);
    const end = await splitting([1, 0], { random: () => 1 });
    expect(end.get('flag')).toBe(0);
  });

  it('the first variant is picked if all weights are 0', async () => {
    for (const random of [() => 0, () => 0.999]) {
      expect((await splitting([0, 0, 0], { random })).get('flag')).toBe(0);
    }
  });

  it('a split without variants has no value', async () => {
    const service = await splitting([], { hashBy: 'user.id' });
    expect(service.get('flag', { user: { id: 1 } }, 'default')).toBe('default');
    expect(() => service.get('flag')).toThrow('No value found');
    expect(service.getNumberDetails('flag')).toMatchObject({ value: undefined, reason: 'DEFAULT' });
    expect(service.getRawMatch('flag')).toBeUndefined();
  });

  it('weights may be numeric strings; any other value makes the config invalid', async () => {
    const service = await splitting(['14', '86'], {
      key: 'feature-flag.weighted',
      hashBy: 'user.id',
    });
    expect(service.get('feature-flag.weighted', { user: { id: 'a72c15f5' } })).toBe(0);
    expect(service.get('feature-flag.weighted', { user: { id: '92a202f2' } })).toBe(1);
    for (const weight of ['x', '', -1, null, {}, '1e999']) {
      const refusing = await splitting([1, weight]);
      expect(() => refusing.get('flag', undefined, 5)).toThrow(
        expect.objectContaining({ code: 'invalid_config' }),
      );
    }
  });
});

describe('a split whose property is missing', () => {
  const missing: (Contexts | undefined)[] = [
    undefined,
    {},
    { user: {} },
    { user: { id: null } },
    { user: { id: undefined } },
    { other: { id: 1 } },
  ];

  it('a missing split property hashes the key alone, marks the details, and warns once', async () => {
    const log = new RecordingLogger();
    const key = 'feature-flag.weighted.missing-hash';
    const service = await splitting([69, 1, 30], { key, hashBy: 'user.id', log });
    for (const contexts of missing) {
      expect(service.getNumberDetails(key, contexts)).toMatchObject({
        value: 1,
        reason: 'SPLIT',
        variant: 'split:1',
        flagMetadata: { hashPropertyMissing: true, weightedValueIndex: 1 },
      });
    }
    expect(log.messages('warn')).toEqual([hashPropertyMissing(key, 'user.id')]);
  });

  it('an empty string is not a missing split property, though both hash alike', async () => {
    const log = new RecordingLogger();
    const key = 'feature-flag.weighted.missing-hash';
    const service = await splitting([69, 1, 30], { key, hashBy: 'user.id', log });
    const details = service.getNumberDetails(key, { user: { id: '' } });
    expect(details.value).toBe(1);
    expect(details.flagMetadata).not.toHaveProperty('hashPropertyMissing');
    expect(log.messages('warn')).toEqual([]);
  });

  it('a missing split property warns once per config', async () => {
    const log = new RecordingLogger();
    const stored = split([{ weight: 1, value: value('int', 0) }], 'user.id');
    const service = await serviceOf(
      [config('one', 'int', [rule(stored)]), config('two', 'int', [rule(stored)])],
      { logger: log },
    );
    for (const key of ['one', 'two', 'one', 'two']) service.get(key);
    expect(log.messages('warn')).toHaveLength(2);
  });

  it('the current time cannot be a split property', async () => {
    const service = await splitting([1], { hashBy: 'quonfig.current-time' });
    expect(service.getNumberDetails('flag').flagMetadata.hashPropertyMissing).toBe(true);
  });

  it.each([
    ['an object', {}],
    ['a symbol', Symbol('id')],
    ['a function', () => 1],
  ])('a split property that is %s counts as missing', async (_, id) => {
    const service = await splitting([1], { hashBy: 'user.id' });
    const details = service.getNumberDetails('flag', { user: { id } });
    expect(details.flagMetadata.hashPropertyMissing).toBe(true);
  });
});

describe('a split without a property', () => {
  it.each([[undefined], ['']])(
    'a split without a property picks at random on every read (property %j)',
    async (hashBy) => {
      const drawn = [0, 0.2, 0.2001, 0.5, 0.50001, 0.999];
      const service = await splitting([20, 30, 50], {
        random: () => drawn.shift()!,
        ...(hashBy !== undefined && { hashBy }),
      });
      const contexts = { user: { id: 'always the same' } };
      const seen = Array.from({ length: 6 }, () => service.get('flag', contexts));
      expect(seen).toEqual([0, 0, 1, 1, 2, 2]);
    },
  );
});

describe('a picked variant', () => {
  it('a picked variant is resolved like any rule value', async () => {
    const stored = split([{ weight: 1, value: value('duration', 'PT1M') }], 'user.id');
    const service = await serviceOf([config('flag', 'duration', [rule(stored)])]);
    expect(service.get('flag', { user: { id: 1 } })).toBe(60_000);
  });

  it.each([
    ['no value', { weight: 1 }],
    ['a string as its value', { weight: 1, value: 'x' }],
    ['null', null],
    ['a nested split', { weight: 1, value: split([{ weight: 1, value: value('int', 1) }]) }],
  ])('a variant with %s makes the config invalid', async (_, variant) => {
    const stored = split([variant as never]);
    const service = await serviceOf([config('flag', 'int', [rule(stored)])]);
    expect(() => service.get('flag')).toThrow(expect.objectContaining({ code: 'invalid_config' }));
  });

  it('weighted values that are not a list make the config invalid', async () => {
    for (const stored of [null, 'x', {}, { weightedValues: 'x' }, []]) {
      const service = await serviceOf([
        config('flag', 'int', [rule(value('weighted_values', stored))]),
      ]);
      const read = () => service.get('flag', undefined, 1);
      expect(read).toThrow(expect.objectContaining({ code: 'invalid_config' }));
    }
  });
});
