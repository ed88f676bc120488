import { GrowthBookClient } from '@growthbook/growthbook';
import * as spec from '../src/flags.mjs';
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
    [spec.STATIC_FLAG]: { defaultValue: true },
    [spec.RULES_FLAG]: onIf(
      { plan: { $in: spec.PAID_PLANS } },
      { email: { $regex: `(${spec.STAFF_DOMAINS.join('|').replaceAll('.', '\\.')})$` } },
      { country: { $in: spec.COUNTRIES }, age: { $gt: spec.ADULT_AGE } },
    ),
    [spec.SPLIT_FLAG]: {
      defaultValue: spec.SPLIT[0].value,
      rules: [
        {
          key: spec.SPLIT_FLAG,
          variations: spec.SPLIT.map(({ value }) => value),
          weights: spec.SPLIT.map(({ weight }) => weight / 100),
          coverage: 1,
          hashAttribute: 'id',
          hashVersion: 2,
        },
      ],
    },
    [spec.SEGMENT_FLAG]: onIf({ id: { $inGroup: spec.SEGMENT } }),
    ...Object.fromEntries(
      spec.MANY_FLAGS.map((flag) => [
        flag.key,
        'on' in flag ? { defaultValue: flag.on } : onIf({ plan: { $in: flag.plans } }),
      ]),
    ),
  };
}

/** @returns {Promise<import('../src/contender.mjs').Contender>} */
export async function open() {
  const client = new GrowthBookClient();
  client.initSync({
    payload: { features: features(), savedGroups: { [spec.SEGMENT]: MEMBERS } },
  });
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
