import { describe, expect, it } from 'vitest';
import type { Contexts } from '../../lib/index.js';
import { config, flagWhen, rule, serviceOf, split, value, when, yes } from '../support/configs.js';

describe('hostile contexts', () => {
  const cycle: Record<string, unknown> = { key: 'k' };
  cycle['self'] = cycle;
  const list: unknown[] = [];
  list.push(list, 'it');
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const throwing = new Proxy(
    {},
    {
      get: () => boom(),
      has: () => boom(),
      ownKeys: () => boom(),
      getOwnPropertyDescriptor: () => boom(),
    },
  );

  const HOSTILE: Record<string, unknown> = {
    'a BigInt': 10n,
    'an object that contains itself': cycle,
    'a list that contains itself': list,
    'a symbol': Symbol('it'),
    'a function': () => 'it',
    'a proxy that throws': throwing,
    'a revoked proxy': revoked.proxy,
    'a list of proxies that throw': [throwing, revoked.proxy],
    'a list whose iterator throws': Object.assign(['x'], { [Symbol.iterator]: () => boom() }),
    'an object whose toString throws': { toString: () => boom(), [Symbol.toPrimitive]: boom },
    'a buffer': Buffer.alloc(1_000_000),
    'a string of a megabyte': 'x'.repeat(1_000_000),
    'an invalid date': new Date(Number.NaN),
    'an object without a prototype': Object.create(null),
    NaN: Number.NaN,
    'a list of ten thousand lists': Array.from({ length: 10_000 }, () => ['x']),
  };

  const OPERATORS: [string, unknown?][] = [
    ['PROP_IS_ONE_OF', ['it']],
    ['PROP_IS_NOT_ONE_OF', ['it']],
    ['PROP_STARTS_WITH_ONE_OF', ['it']],
    ['PROP_DOES_NOT_END_WITH_ONE_OF', ['it']],
    ['PROP_CONTAINS_ONE_OF', ['it']],
    ['PROP_MATCHES', '^(i+)+t$'],
    ['PROP_DOES_NOT_MATCH', 'it'],
    ['HIERARCHICAL_MATCH', 'it'],
    ['IN_INT_RANGE', { start: 0 }],
    ['PROP_GREATER_THAN', 1],
    ['PROP_BEFORE', 1],
    ['PROP_SEMVER_EQUAL', '1.0.0'],
    ['IS_PRESENT'],
    ['IS_NOT_PRESENT'],
  ];

  const configs = [
    ...OPERATORS.map(([operator, match]) =>
      flagWhen(operator, when(operator, 'user.it', match), when('IS_NOT_PRESENT', 'other.it')),
    ),
    config('split', 'bool', [rule(split([{ weight: 1, value: yes }], 'user.it'))]),
    config('logger', 'log_level', [
      rule(value('log_level', 'DEBUG'), when('IS_PRESENT', 'user.it')),
      rule(value('log_level', 'INFO')),
    ]),
  ];

  function contextsOf(hostile: unknown): Contexts[] {
    return [
      { user: { it: hostile } },
      { user: hostile },
      hostile,
      {
        user: {
          get it(): unknown {
            return boom();
          },
        },
        get other(): unknown {
          return boom();
        },
      },
    ] as Contexts[];
  }

  it.each(Object.keys(HOSTILE))(
    'no read throws or hangs if a context contains or is %s',
    async (name) => {
      const service = await serviceOf(configs, { loggerKey: 'logger' });
      const keys = service.keys();
      for (const contexts of contextsOf(HOSTILE[name])) {
        const bound = service.withContext(contexts);
        for (const key of keys) {
          const direct = service.get(key, contexts, 'none');
          expect(service.getRawMatch(key, contexts)?.config.value).toBe(direct);
          expect(JSON.stringify(service.explain(key, contexts)).length).toBeLessThan(100_000);
          expect(service.explain(key, contexts).outcome.value).toBe(direct);
          expect(bound.get(key, undefined, 'none')).toBeDefined();
          expect(bound.get(key, contexts, 'none')).toBe(direct);
        }
        expect(service.getBoolDetails('IS_PRESENT', contexts).errorCode).toBeUndefined();
        const request = { loggerPath: 'app', desiredLevel: 'error', contexts } as const;
        expect(service.shouldLog(request)).toBe(true);
      }
    },
  );

  it('a property whose getter throws counts as missing', async () => {
    const service = await serviceOf(configs);
    const contexts = {
      user: {
        get it(): unknown {
          return boom();
        },
      },
    };
    for (const reader of [service, service.withContext(contexts)]) {
      expect(reader.isEnabled('IS_PRESENT', contexts)).toBe(false);
      expect(reader.isEnabled('IS_NOT_PRESENT', contexts)).toBe(true);
      expect(reader.isEnabled('PROP_IS_NOT_ONE_OF', contexts)).toBe(true);
      expect(reader.isEnabled('split', contexts)).toBe(true);
    }
    expect(service.withContext(contexts).isEnabled('IS_PRESENT')).toBe(false);
  });

  it('a bound context keeps its other properties if a getter throws, and inherits none from "__proto__"', async () => {
    const user: object = JSON.parse('{ "__proto__": { "it": "inherited" }, "kept": "it" }');
    Object.defineProperty(user, 'broken', { enumerable: true, get: () => boom() });
    const kept = flagWhen('kept', when('PROP_IS_ONE_OF', 'user.kept', ['it']));
    const bound = (await serviceOf([...configs, kept])).withContext({ user });
    expect(bound.isEnabled('kept')).toBe(true);
    expect(bound.isEnabled('IS_PRESENT')).toBe(false);
  });

  it('evaluation reads only the properties that the rules use', async () => {
    const reads: string[] = [];
    const user: Record<string, unknown> = {};
    for (let i = 0; i < 10_000; i++) {
      const name = `p${i}`;
      const get = () => reads.push(name);
      Object.defineProperty(user, name, { get, enumerable: true, configurable: true });
    }
    const service = await serviceOf([flagWhen('flag', when('IS_PRESENT', 'user.p7'))]);
    expect(service.isEnabled('flag', { user })).toBe(true);
    expect(reads).toEqual(['p7']);
  });

  function boom(): never {
    throw new Error('boom');
  }
});
