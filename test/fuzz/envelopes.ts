import type { Random } from './random.js';

const OPERATORS = [
  'ALWAYS_TRUE',
  'NOT_SET',
  'PROP_IS_ONE_OF',
  'PROP_IS_NOT_ONE_OF',
  'PROP_STARTS_WITH_ONE_OF',
  'PROP_DOES_NOT_END_WITH_ONE_OF',
  'PROP_CONTAINS_ONE_OF',
  'PROP_MATCHES',
  'PROP_DOES_NOT_MATCH',
  'HIERARCHICAL_MATCH',
  'IN_INT_RANGE',
  'PROP_GREATER_THAN',
  'PROP_LESS_THAN_OR_EQUAL',
  'PROP_BEFORE',
  'PROP_AFTER',
  'PROP_SEMVER_LESS_THAN',
  'PROP_SEMVER_EQUAL',
  'IS_PRESENT',
  'IS_NOT_PRESENT',
  'IN_SEG',
  'NOT_IN_SEG',
  'LOOKUP_KEY_IN',
  'nonsense',
  '',
  '__proto__',
];
const TYPES = ['bool', 'int', 'double', 'string', 'json', 'string_list', 'duration', 'log_level'];
const VALUE_TYPES = [...TYPES, 'weighted_values', 'provided', 'schema', 'nonsense'];

/** Any JSON value. */
export function json(random: Random, depth = 0): unknown {
  const simple = [
    null,
    true,
    false,
    0,
    -1,
    1.5,
    2 ** 53,
    1e308,
    '',
    'pro',
    'true',
    '12',
    '9007199254740993',
    'PT5M',
    'PT',
    '2026-01-01T00:00:00Z',
    '1.2.3-rc.1',
    '(a+)+$',
    '^(?!test-)',
    '(\\w+)\\1',
    '[',
    random.text(60),
    { start: 1, end: 10 },
    { source: 'ENV_VAR', lookup: 'PATH' },
    { source: 'ENV_VAR', lookup: '' },
    [],
    {},
    ['pro', 'team'],
    ['a', null, 3, {}],
  ];
  if (depth > 3 || random.chance(0.75)) return random.pick(simple);
  const values = Array.from({ length: random.below(5) }, () => json(random, depth + 1));
  if (random.chance(0.5)) return values;
  return Object.fromEntries(
    values.map((each) => [random.pick(['value', 'type', 'rules', '__proto__', 'x']), each]),
  );
}

/** The right value, or once in a while any other. */
function mostly(random: Random, right: () => unknown): unknown {
  return random.chance(0.93) ? right() : json(random);
}

function value(random: Random, depth = 0): unknown {
  const weighted = random.chance(0.15) && depth < 3;
  const confidential = random.chance(0.1);
  return mostly(random, () => ({
    type: weighted ? 'weighted_values' : random.pick(VALUE_TYPES),
    value: weighted
      ? {
          weightedValues: Array.from({ length: random.below(4) }, () => ({
            weight: mostly(random, () => random.below(100)),
            value: value(random, depth + 1),
          })),
          hashByPropertyName: mostly(random, () => random.pick(['user.key', 'device.key', ''])),
        }
      : json(random),
    ...(confidential && { confidential: true, decryptWith: keyName(random) }),
  }));
}

const keyName = (random: Random): string =>
  random.pick(['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7', '__proto__', 'constructor', '']);

function criterion(random: Random): unknown {
  return mostly(random, () => ({
    operator: mostly(random, () => random.pick(OPERATORS)),
    propertyName: mostly(random, () =>
      random.pick([
        'user.key',
        'user.plan',
        'user.age',
        '',
        'x',
        'quonfig.current-time',
        '__proto__.x',
      ]),
    ),
    valueToMatch: mostly(random, () => ({
      type: random.pick(VALUE_TYPES),
      value: random.chance(0.3) ? keyName(random) : json(random),
    })),
  }));
}

function rules(random: Random): unknown {
  return mostly(random, () => ({
    rules: Array.from({ length: random.below(4) }, () =>
      mostly(random, () => ({
        criteria: Array.from({ length: random.below(3) }, () => criterion(random)),
        value: value(random),
      })),
    ),
  }));
}

/** An envelope whose shape is mostly right and whose content is anything. */
export function randomEnvelope(random: Random, generation: number): unknown {
  const configs = Array.from({ length: random.below(12) }, (_, index) =>
    mostly(random, () => ({
      id: `id-${index}`,
      key: mostly(random, () => keyName(random)),
      type: mostly(random, () =>
        random.pick(['config', 'feature_flag', 'segment', 'log_level', 'schema']),
      ),
      valueType: mostly(random, () => random.pick(TYPES)),
      default: rules(random),
      environment: random.chance(0.5) ? { id: 'production', ...(rules(random) as object) } : null,
      unknownField: json(random),
    })),
  );
  return mostly(random, () => ({
    configs: mostly(random, () => configs),
    meta: mostly(random, () => ({
      version: `v${generation}`,
      environment: 'production',
      generation: mostly(random, () => generation),
    })),
  }));
}

/** The bytes of a text, sometimes with some of them changed, removed or repeated. */
export function mutatedBytes(random: Random, text: string): Uint8Array {
  let bytes = new TextEncoder().encode(text);
  if (random.chance(0.5)) return bytes;
  for (let count = random.below(4); count >= 0 && bytes.length > 0; count--) {
    const at = random.below(bytes.length);
    const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
    switch (random.below(4)) {
      case 0:
        bytes = joined(head, random.bytes(1), tail.subarray(1));
        break;
      case 1:
        bytes = joined(head, tail.subarray(random.below(50)));
        break;
      case 2:
        bytes = joined(head, random.bytes(random.below(20)), tail);
        break;
      default:
        bytes = joined(bytes, tail);
    }
  }
  return bytes;
}

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.concat(parts));
}

/** A stream of these bytes in random pieces, from one byte to all of them. */
export function inPieces(random: Random, bytes: Uint8Array): ReadableStream<Uint8Array> {
  const size = random.pick([1, 2, 7, 64, 1_000, bytes.length + 1]);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) {
        controller.close();
        return;
      }
      const end = Math.min(bytes.length, at + 1 + random.below(size));
      controller.enqueue(bytes.slice(at, end));
      at = end;
    },
  });
}
