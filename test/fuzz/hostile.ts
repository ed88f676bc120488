import type { Random } from './random.js';

const NAMES = ['user', '', 'device', '__proto__', 'constructor', 'quonfig-user', 'a.b'];
const PROPERTIES = [
  'key',
  'plan',
  'email',
  '',
  'trackingId',
  'toString',
  '__proto__',
  'age',
  'x.y',
];

/** A value that nobody would put into a context on purpose. */
function hostileValue(random: Random, depth = 0): unknown {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  const simple = [
    undefined,
    null,
    true,
    '',
    'u-1',
    'pro',
    NaN,
    -0,
    Infinity,
    2 ** 53 + 2,
    10n ** 30n,
    Symbol('s'),
    () => 'called',
    new Date(NaN),
    new Date(0),
    /x/g,
    new Map([['key', 'u-1']]),
    new Set([1]),
    Buffer.from([0xff, 0xfe]),
    cyclic,
    Object.create(null),
    new Proxy({}, { get: () => fail('get'), ownKeys: () => fail('ownKeys') }),
    {
      get key() {
        return fail('getter');
      },
    },
    { toJSON: () => fail('toJSON') },
    { toJSON: () => 7 },
    { toString: () => fail('toString'), valueOf: () => fail('valueOf') },
    Promise.resolve(1),
    random.text(200),
    'x'.repeat(random.below(100_000)),
  ];
  if (depth > 3 || random.chance(0.7)) return random.pick(simple);
  const values = Array.from({ length: random.below(6) }, () => hostileValue(random, depth + 1));
  if (random.chance(0.5)) return values;
  return Object.fromEntries(values.map((value, at) => [random.pick(PROPERTIES) + at, value]));
}

/** Contexts of hostile values; sometimes not contexts at all. */
export function hostileContexts(random: Random): never {
  if (random.chance(0.15)) return hostileValue(random) as never;
  const contexts: Record<string, unknown> = random.chance(0.3) ? Object.create(null) : {};
  for (let count = random.below(4); count >= 0; count--) {
    const properties: Record<string, unknown> = {};
    for (let more = random.below(5); more >= 0; more--) {
      put(properties, random.pick(PROPERTIES), hostileValue(random));
    }
    put(contexts, random.pick(NAMES), random.chance(0.2) ? hostileValue(random) : properties);
  }
  return contexts as never;
}

/** An own property, also of the name `__proto__`. */
function put(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true });
}

function fail(what: string): never {
  throw new Error(`hostile ${what}`);
}
