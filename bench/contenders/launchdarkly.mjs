import { init } from '@launchdarkly/node-server-sdk';
import { TestData } from '@launchdarkly/node-server-sdk/integrations';
import * as spec from '../src/flags.mjs';
import { MEMBERS } from '../src/workloads.mjs';
import { versionOf } from '../src/contender.mjs';

/** Flags from its in-memory data source, events off. It has no synchronous read: calls are awaited. */

const ON = 0;
const OFF = 1;

const clause = (
  /** @type {string} */ attribute,
  /** @type {string} */ op,
  /** @type {unknown[]} */ values,
) => ({ attribute, op, values, negate: false, contextKind: 'user' });

const flag = (
  /** @type {string} */ key,
  /** @type {number} */ variation,
  /** @type {object[][]} */ ...rules
) => ({
  key,
  on: true,
  version: 1,
  salt: 'bench',
  variations: [true, false],
  offVariation: OFF,
  fallthrough: { variation },
  targets: [],
  prerequisites: [],
  rules: rules.map((clauses, index) => ({ id: `rule-${index}`, clauses, variation: ON })),
});

function flags() {
  return [
    flag(spec.STATIC_FLAG, ON),
    flag(
      spec.RULES_FLAG,
      OFF,
      [clause('plan', 'in', spec.PAID_PLANS)],
      [clause('email', 'endsWith', spec.STAFF_DOMAINS)],
      [clause('country', 'in', spec.COUNTRIES), clause('age', 'greaterThan', [spec.ADULT_AGE])],
    ),
    {
      ...flag(spec.SPLIT_FLAG, 0),
      variations: spec.SPLIT.map(({ value }) => value),
      fallthrough: {
        rollout: {
          contextKind: 'user',
          variations: spec.SPLIT.map(({ weight }, variation) => ({
            variation,
            weight: weight * 1000,
          })),
        },
      },
    },
    flag(spec.SEGMENT_FLAG, OFF, [clause('', 'segmentMatch', [spec.SEGMENT])]),
    ...spec.MANY_FLAGS.map((many) =>
      'on' in many
        ? flag(many.key, many.on ? ON : OFF)
        : flag(many.key, OFF, [clause('plan', 'in', many.plans)]),
    ),
  ];
}

/** @returns {Promise<import('../src/contender.mjs').Contender>} */
export async function open() {
  const source = new TestData();
  for (const each of flags()) await source.usePreconfiguredFlag(each);
  await source.usePreconfiguredSegment({
    key: spec.SEGMENT,
    version: 1,
    salt: 'bench',
    included: MEMBERS,
    excluded: [],
    rules: [],
  });
  const quiet = () => {};
  const client = init('sdk-bench', {
    updateProcessor: source.getFactory(),
    sendEvents: false,
    diagnosticOptOut: true,
    logger: { error: console.error, warn: console.warn, info: quiet, debug: quiet },
  });
  await client.waitForInitialization({ timeout: 30 });
  return {
    version: await versionOf('@launchdarkly/node-server-sdk'),
    awaits: true,
    bool: (key, context) => client.boolVariation(key, context, false),
    string: (key, context) => client.stringVariation(key, context, ''),
    context: ({ key, email, plan, country, age }) => ({
      kind: 'user',
      key,
      email,
      plan,
      country,
      age,
    }),
    close: () => client.close(),
  };
}
