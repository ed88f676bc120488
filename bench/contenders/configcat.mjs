import {
  LogLevel,
  PollingMode,
  SegmentComparator,
  SettingType,
  UserComparator,
  createConsoleLogger,
  getClient,
} from '@configcat/sdk/node';
import * as spec from '../src/flags.mjs';
import { MEMBERS } from '../src/workloads.mjs';
import { versionOf } from '../src/contender.mjs';

/**
 * A config JSON handed over through the client's cache, so that nothing is fetched. Comparisons are the cleartext
 * ones: the hashed ones cost a SHA-256 each. Reads go through a snapshot taken once, which is its synchronous and
 * fastest way to read (`getValueAsync` is the usual one).
 */

const served = (/** @type {boolean} */ on) => ({ v: { b: on }, i: on ? 'on' : 'off' });
const user = (/** @type {string} */ a, /** @type {number} */ c, /** @type {object} */ match) => ({
  u: { a, c, ...match },
});
const oneOf = (/** @type {string} */ attribute, /** @type {string[]} */ values) =>
  user(attribute, UserComparator.TextIsOneOf, { l: values });
const flag = (/** @type {boolean} */ on, /** @type {object[]} */ ...rules) => ({
  t: SettingType.Boolean,
  ...served(on),
  r: rules.map((conditions) => ({ c: conditions, s: served(true) })),
});

function configJson() {
  return {
    p: { r: 0, u: '', s: '' },
    s: [{ n: spec.SEGMENT, r: [oneOf('Identifier', MEMBERS).u] }],
    f: {
      [spec.STATIC_FLAG]: flag(true),
      [spec.RULES_FLAG]: flag(
        false,
        [oneOf('plan', spec.PAID_PLANS)],
        [user('Email', UserComparator.TextEndsWithAnyOf, { l: spec.STAFF_DOMAINS })],
        [
          oneOf('Country', spec.COUNTRIES),
          user('age', UserComparator.NumberGreater, { d: spec.ADULT_AGE }),
        ],
      ),
      [spec.SPLIT_FLAG]: {
        t: SettingType.String,
        v: { s: spec.SPLIT[0].value },
        i: 'default',
        p: spec.SPLIT.map(({ value, weight }) => ({ p: weight, v: { s: value }, i: value })),
      },
      [spec.SEGMENT_FLAG]: flag(false, [{ s: { s: 0, c: SegmentComparator.IsIn } }]),
      ...Object.fromEntries(
        spec.MANY_FLAGS.map((many) => [
          many.key,
          'on' in many ? flag(many.on) : flag(false, [oneOf('plan', many.plans)]),
        ]),
      ),
    },
  };
}

/** @returns {Promise<import('../src/contender.mjs').Contender>} */
export async function open() {
  const cached = `${Date.now()}\n"bench"\n${JSON.stringify(configJson())}`;
  const client = getClient(
    'configcat-sdk-1/benchbenchbenchbenchbe/benchbenchbenchbenchbe',
    PollingMode.ManualPoll,
    {
      offline: true,
      logger: createConsoleLogger(LogLevel.Error),
      cache: { get: () => cached, set: () => {} },
    },
  );
  await client.waitForReady();
  const snapshot = client.snapshot();
  return {
    version: await versionOf('@configcat/sdk'),
    bool: (key, context) => snapshot.getValue(key, false, context),
    string: (key, context) => snapshot.getValue(key, '', context),
    context: ({ key, email, plan, country, age }) => ({
      identifier: key,
      email,
      country,
      custom: { plan, age },
    }),
    close: () => client.dispose(),
  };
}
