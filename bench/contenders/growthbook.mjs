import { GrowthBookClient } from '@growthbook/growthbook';
import {
  ADULT_AGE,
  COUNTRIES,
  MANY_FLAGS,
  PAID_PLANS,
  RULES_FLAG,
  SEGMENT,
  SEGMENT_FLAG,
  SPLIT,
  SPLIT_FLAG,
  STAFF_DOMAINS,
  STATIC_FLAG,
} from '../src/flags.mjs';
import { MEMBERS } from '../src/workloads.mjs';
import { versionOf } from '../src/contender.mjs';

/**
 * The many-users client. Its conditions have no "ends with": one regular expression with three alternatives stands
 * in, which asks less of it than three conditions would.
 */

const onIf = (/** @type {object[]} */ ...conditions) => ({
  defaultValue: false,
  rules: conditions.map((condition) => ({ condition, force: true })),
});

function features() {
  return {
    [STATIC_FLAG]: { defaultValue: true },
    [RULES_FLAG]: onIf(
      { plan: { $in: PAID_PLANS } },
      { email: { $regex: `(${STAFF_DOMAINS.join('|').replaceAll('.', '\\.')})$` } },
      { country: { $in: COUNTRIES }, age: { $gt: ADULT_AGE } },
    ),
    [SPLIT_FLAG]: {
      defaultValue: SPLIT[0].value,
      rules: [
        {
          key: SPLIT_FLAG,
          variations: SPLIT.map(({ value }) => value),
          weights: SPLIT.map(({ weight }) => weight / 100),
          coverage: 1,
          hashAttribute: 'id',
          hashVersion: 2,
        },
      ],
    },
    [SEGMENT_FLAG]: onIf({ id: { $inGroup: SEGMENT } }),
    ...Object.fromEntries(
      MANY_FLAGS.map((flag) => [
        flag.key,
        'on' in flag ? { defaultValue: flag.on } : onIf({ plan: { $in: flag.plans } }),
      ]),
    ),
  };
}

/** @returns {Promise<import('../src/contender.mjs').Contender>} */
export async function open() {
  const client = new GrowthBookClient();
  client.initSync({ payload: { features: features(), savedGroups: { [SEGMENT]: MEMBERS } } });
  return {
    version: await versionOf('@growthbook/growthbook'),
    bool: (key, context) => client.isOn(key, context),
    string: (key, context) => client.getFeatureValue(key, '', context),
    context: ({ key, email, plan, country, age }) => ({
      attributes: { id: key, email, plan, country, age },
    }),
    close: () => client.destroy(),
  };
}
