import { describe, expect, it } from 'vitest';
import { CompiledConfig, type EvaluationHost } from '../../lib/evaluation/index.js';
import { Snapshot } from '../../lib/store/index.js';
import { configSkipped, duplicateConfig } from '../../lib/store/store.messages.js';
import {
  constant,
  envelope,
  flagWhen,
  holds,
  serviceOf,
  thrownBy,
  when,
} from '../support/configs.js';
import { checked } from '../support/checked.js';
import { turnsDuring } from '../support/turns.js';

function host(warnings: string[] = []): EvaluationHost {
  return {
    now: Date.now,
    random: Math.random,
    env: () => undefined,
    warnOnce: (message) => void warnings.push(message),
  };
}

async function snapshotOf(candidate: unknown, warnings?: string[]): Promise<Snapshot> {
  return Snapshot.fromEnvelope(checked(candidate), 'the test', host(warnings));
}

describe('Snapshot', () => {
  it('a snapshot has the configs, version, environment and generation of its envelope', async () => {
    const snapshot = await snapshotOf(
      envelope([constant('a', 'int', 1), constant('b', 'int', 2)], { generation: 7 }),
    );
    expect(snapshot.keys()).toEqual(['a', 'b']);
    expect(snapshot.size).toBe(2);
    expect(snapshot).toMatchObject({ version: 'v1', environment: 'production', generation: 7 });
  });

  it.each([[undefined], [null]])(
    'a snapshot defaults to an empty environment and generation 0 (meta: %s)',
    async (absent) => {
      const meta = { version: 'v1', environment: absent, generation: absent };
      const snapshot = await snapshotOf({ configs: [], meta });
      expect(snapshot).toMatchObject({ environment: '', generation: 0, size: 0 });
    },
  );

  it('a snapshot compiles a config once, on its first read', async () => {
    const snapshot = await snapshotOf(envelope([constant('a', 'int', 1)]));
    const source = snapshot.stored('a');
    const compiled = snapshot.find('a');
    expect(compiled).toBeInstanceOf(CompiledConfig);
    expect(snapshot.find('a')).toBe(compiled);
    expect(snapshot.stored('a')).toBe(source);
    expect(snapshot.find('none')).toBeUndefined();
    expect(snapshot.stored('none')).toBeUndefined();
  });

  it('a snapshot accepts any key, including names of Object.prototype', async () => {
    const keys = ['__proto__', 'constructor', 'toString', ' ', 'ключ', 'a.b/c'];
    const snapshot = await snapshotOf(envelope(keys.map((key) => constant(key, 'string', key))));
    expect(snapshot.keys()).toEqual(keys);
    for (const key of keys) expect(snapshot.find(key)?.source.key).toBe(key);
    const empty = await snapshotOf(envelope([]));
    for (const key of keys) expect(empty.find(key)).toBeUndefined();
  });

  it('creating a snapshot of thousands of configs does not block the event loop', async () => {
    const turns = await turnsDuring(async () => {
      const configs = Array.from({ length: 1_000 }, (_, at) => constant(`k${at}`, 'int', at));
      expect((await snapshotOf(envelope(configs))).size).toBe(1_000);
    });
    expect(turns).toBeGreaterThan(20);
  });
});

describe('invalid entries of an envelope', () => {
  it.each([
    ['null', null, 'without a key', 'it is not an object'],
    ['a string', 'pl4in', 'without a key', 'it is not an object'],
    ['a list', [], 'without a key', 'it is not an object'],
    ['without a key', { type: 'config', valueType: 'int' }, 'without a key', 'it has no key'],
    ['with an empty key', { ...constant('', 'int', 1) }, 'without a key', 'it has no key'],
    ['with a number for a key', { ...constant('x', 'int', 1), key: 5 }, 'without a key', 'no key'],
    ['without a type', { ...constant('x', 'int', 1), type: 5 }, '"x"', '"type"'],
    ['without a value type', { ...constant('x', 'int', 1), valueType: null }, '"x"', '"valueType"'],
    [
      'with a string for rules',
      { ...constant('x', 'int', 1), default: 'pl4in' },
      '"x"',
      '"default"',
    ],
    [
      'with rules that are not a list',
      { ...constant('x', 'int', 1), default: { rules: { pl4in: 1 } } },
      '"x"',
      '"default.rules"',
    ],
    [
      'with an environment that is a list',
      { ...constant('x', 'int', 1), environment: ['pl4in'] },
      '"x"',
      '"environment"',
    ],
    [
      'with a string for the rules of the environment',
      { ...constant('x', 'int', 1), environment: { id: 'production', rules: 'pl4in' } },
      '"x"',
      '"environment.rules"',
    ],
  ])('an invalid entry is skipped with a warning: %s', async (_, entry, name, reason) => {
    const warnings: string[] = [];
    const snapshot = await snapshotOf(envelope([entry, constant('good', 'int', 1)]), warnings);
    expect(snapshot.keys()).toEqual(['good']);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toBe(configSkipped(name, warnings[0]!.split(': ')[1]!.split('. ')[0]!));
    expect(warnings[0]).toContain(reason);
    // A warning may contain the key but no content.
    expect(warnings[0]).not.toContain('pl4in');
  });

  it('an envelope without any valid config is refused', async () => {
    const error = await snapshotOf(envelope([null, { key: 'x' }])).catch((reason) => reason);
    expect(error).toMatchObject({ code: 'invalid_envelope' });
    expect(error.message).toContain('the test');
  });

  it('an envelope without entries is valid', async () => {
    expect((await snapshotOf(envelope([]))).size).toBe(0);
  });

  it('the later of two configs with the same key is used, with a warning', async () => {
    const warnings: string[] = [];
    const configs = [
      constant('twice', 'int', 1),
      constant('b', 'int', 2),
      constant('twice', 'int', 3),
    ];
    const snapshot = await snapshotOf(envelope(configs), warnings);
    expect(snapshot.keys()).toEqual(['twice', 'b']);
    expect(snapshot.find('twice')?.match(undefined, undefined)?.constant).toBe(3);
    expect(warnings).toEqual([duplicateConfig('twice')]);
  });
});

describe('malformed envelopes', () => {
  it.each([
    [null],
    ['text'],
    [[]],
    [{}],
    [{ configs: [] }],
    [{ configs: [], meta: null }],
    [{ configs: [], meta: {} }],
    [{ configs: [], meta: { version: '' } }],
    [{ configs: [], meta: { version: 5 } }],
    [{ configs: [], meta: { version: 'v1', environment: 5 } }],
    [{ configs: [], meta: { version: 'v1', generation: '5' } }],
    [{ meta: { version: 'v1' } }],
    [{ configs: null, meta: { version: 'v1' } }],
    [{ configs: { a: 1 }, meta: { version: 'v1' } }],
  ])('a malformed envelope is refused: %j', async (candidate) => {
    await expect(snapshotOf(candidate)).rejects.toMatchObject({ code: 'invalid_envelope' });
  });
});

describe('configs passed by the caller', () => {
  it("the caller's envelope is copied: it is never modified, and later changes have no effect", async () => {
    const passed = envelope([
      constant('json', 'json', { a: [1] }),
      flagWhen('flag', when('PROP_IS_ONE_OF', 'user.plan', ['pro'])),
    ]);
    const before = structuredClone(passed);
    const service = await serviceOf([], { datafile: passed });
    for (const key of service.keys()) {
      service.get(key);
      service.rawConfig(key);
      service.getRawMatch(key);
      service.explain(key);
    }
    expect(passed).toEqual(before);
    const parts: unknown[] = [passed];
    while (parts.length > 0) {
      const part = parts.pop();
      if (typeof part !== 'object' || part === null) continue;
      expect(Object.isFrozen(part)).toBe(false);
      parts.push(...Object.values(part));
    }
    // Conversely, later changes by the caller do not reach reads.
    passed.configs[0]!.default!.rules![0]!.value.value = 'changed';
    passed.configs.length = 0;
    expect(service.getJSON('json')).toEqual({ a: [1] });
  });

  it('rawConfig returns deeply frozen configs', async () => {
    const service = await serviceOf([constant('json', 'json', { a: [1] })]);
    const raw = service.rawConfig('json')!;
    expect(raw).toEqual(constant('json', 'json', { a: [1] }));
    expect(thrownBy(() => (raw.default!.rules!.length = 0))).toBeInstanceOf(TypeError);
    const stored = raw.default!.rules![0]!.value.value as { a: number[] };
    expect(thrownBy(() => stored.a.push(2))).toBeInstanceOf(TypeError);
    expect(service.rawConfig('none')).toBeUndefined();
    expect(service.getJSON('json')).toEqual({ a: [1] });
  });

  it('a criterion may contain numbers where strings are usual', async () => {
    expect(await holds(when('PROP_IS_ONE_OF', 'user.n', [5]), { user: { n: 5 } })).toBe(true);
  });
});
