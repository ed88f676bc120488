import { FlagdCore } from '@openfeature/flagd-core';
import * as spec from '../src/flags.mjs';
import { MEMBERS } from '../src/workloads.mjs';
import { versionOf } from '../src/contender.mjs';

/** flagd's evaluator, with its rules compiled to functions (its default). */

const SWITCH = { on: true, off: false };
const read = (/** @type {string} */ name) => ({ var: [name] });
const onIf = (/** @type {object} */ condition, defaultVariant = 'off') => ({
  state: 'ENABLED',
  variants: SWITCH,
  defaultVariant,
  targeting: { if: [condition, 'on', 'off'] },
});
const fixed = (/** @type {boolean} */ on) => ({
  state: 'ENABLED',
  variants: SWITCH,
  defaultVariant: on ? 'on' : 'off',
});

function flags() {
  return {
    [spec.STATIC_FLAG]: fixed(true),
    [spec.RULES_FLAG]: {
      ...fixed(false),
      targeting: {
        if: [
          { in: [read('plan'), spec.PAID_PLANS] },
          'on',
          { or: spec.STAFF_DOMAINS.map((domain) => ({ ends_with: [read('email'), domain] })) },
          'on',
          {
            and: [
              { in: [read('country'), spec.COUNTRIES] },
              { '>': [read('age'), spec.ADULT_AGE] },
            ],
          },
          'on',
          'off',
        ],
      },
    },
    [spec.SPLIT_FLAG]: {
      state: 'ENABLED',
      variants: Object.fromEntries(spec.SPLIT.map(({ value }) => [value, value])),
      defaultVariant: spec.SPLIT[0].value,
      // By flag key and targeting key: the operator's default.
      targeting: { fractional: spec.SPLIT.map(({ value, weight }) => [value, weight]) },
    },
    [spec.SEGMENT_FLAG]: onIf({ $ref: spec.SEGMENT }),
    ...Object.fromEntries(
      spec.MANY_FLAGS.map((flag) => [
        flag.key,
        'on' in flag ? fixed(flag.on) : onIf({ in: [read('plan'), flag.plans] }),
      ]),
    ),
  };
}

/** @returns {Promise<import('../src/contender.mjs').Contender>} */
export async function open() {
  const silent = { error() {}, warn() {}, info() {}, debug() {} };
  const core = new FlagdCore(undefined, silent);
  core.setConfigurations(
    JSON.stringify({
      $evaluators: { [spec.SEGMENT]: { in: [read('targetingKey'), MEMBERS] } },
      flags: flags(),
    }),
  );
  return {
    version: await versionOf('@openfeature/flagd-core'),
    bool: (key, context) => core.resolveBooleanEvaluation(key, false, context, silent).value,
    string: (key, context) => core.resolveStringEvaluation(key, '', context, silent).value,
    context: ({ key, email, plan, country, age }) => ({
      targetingKey: key,
      email,
      plan,
      country,
      age,
    }),
    close: () => {},
  };
}
