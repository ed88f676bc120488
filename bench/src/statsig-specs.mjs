import * as spec from './flags.mjs';
import { MEMBERS } from './workloads.mjs';

/** The flags as Statsig's two server clients know them: gates, and one experiment for the split. */

const SALT = 'bench';

const rule = (
  /** @type {string} */ id,
  /** @type {object[]} */ conditions,
  /** @type {unknown} */ returnValue = true,
) => ({
  id,
  name: id,
  groupName: id,
  salt: SALT,
  idType: 'userID',
  passPercentage: 100,
  conditions,
  returnValue,
});

const condition = (
  /** @type {string} */ type,
  /** @type {string | null} */ field,
  /** @type {string} */ operator,
  /** @type {unknown} */ targetValue,
) => ({ type, field, operator, targetValue, additionalValues: {}, idType: 'userID' });

const EVERYBODY = condition('public', null, '', null);

const gate = (
  /** @type {string} */ name,
  /** @type {object[]} */ rules,
  entity = 'feature_gate',
) => ({
  name,
  type: 'feature_gate',
  entity,
  salt: SALT,
  enabled: true,
  defaultValue: false,
  idType: 'userID',
  rules,
});

export const gates = () => [
  gate(spec.STATIC_FLAG, [rule('everybody', [EVERYBODY])]),
  gate(spec.RULES_FLAG, [
    rule('paid', [condition('user_field', 'plan', 'any_case_sensitive', spec.PAID_PLANS)]),
    // Its only "ends with" ignores case; the e-mails here are lower case already.
    rule('staff', [condition('user_field', 'email', 'str_ends_with_any', spec.STAFF_DOMAINS)]),
    rule('adults', [
      condition('user_field', 'country', 'any_case_sensitive', spec.COUNTRIES),
      condition('user_field', 'age', 'gt', spec.ADULT_AGE),
    ]),
  ]),
  gate(
    `segment:${spec.SEGMENT}`,
    [rule('members', [condition('unit_id', null, 'any_case_sensitive', MEMBERS)])],
    'segment',
  ),
  gate(spec.SEGMENT_FLAG, [
    rule('members', [condition('pass_gate', null, '', `segment:${spec.SEGMENT}`)]),
  ]),
  ...spec.MANY_FLAGS.map((flag) =>
    'on' in flag
      ? gate(flag.key, flag.on ? [rule('everybody', [EVERYBODY])] : [])
      : gate(flag.key, [
          rule('plans', [condition('user_field', 'plan', 'any_case_sensitive', flag.plans)]),
        ]),
  ),
];

/** Buckets of an experiment are thousandths; the groups are tried in order. */
export function experiment() {
  let upTo = 0;
  return {
    name: spec.SPLIT_FLAG,
    type: 'dynamic_config',
    entity: 'experiment',
    salt: SALT,
    enabled: true,
    isActive: true,
    hasSharedParams: false,
    explicitParameters: ['layout'],
    defaultValue: {},
    idType: 'userID',
    rules: spec.SPLIT.map(({ value, weight }) => {
      upTo += weight * 10;
      const bucket = {
        ...condition('user_bucket', null, 'lt', upTo),
        additionalValues: { salt: SALT },
      };
      return { ...rule(value, [bucket], { layout: value }), isExperimentGroup: true };
    }),
  };
}
