import { InMemStorageProvider, Unleash } from 'unleash-client';
import * as spec from '../src/flags.mjs';
import { MEMBERS } from '../src/workloads.mjs';
import { versionOf } from '../src/contender.mjs';

/** Bootstrapped, never fetching, metrics off. A toggle's strategies are its rules: on when any of them is. */

const SEGMENT_ID = 1;

const constraint = (
  /** @type {string} */ contextName,
  /** @type {string} */ operator,
  /** @type {object} */ match,
) => ({ contextName, operator, inverted: false, values: [], ...match });

const toggle = (
  /** @type {string} */ name,
  /** @type {boolean} */ enabled,
  /** @type {object[]} */ ...rules
) => ({
  name,
  enabled,
  strategies: rules.map((rule) => ({ name: 'default', parameters: {}, constraints: [], ...rule })),
});

function toggles() {
  return [
    toggle(spec.STATIC_FLAG, true),
    toggle(
      spec.RULES_FLAG,
      true,
      { constraints: [constraint('plan', 'IN', { values: spec.PAID_PLANS })] },
      { constraints: [constraint('email', 'STR_ENDS_WITH', { values: spec.STAFF_DOMAINS })] },
      {
        constraints: [
          constraint('country', 'IN', { values: spec.COUNTRIES }),
          constraint('age', 'NUM_GT', { value: String(spec.ADULT_AGE) }),
        ],
      },
    ),
    {
      ...toggle(spec.SPLIT_FLAG, true),
      // Weights of a toggle's variants are thousandths.
      variants: spec.SPLIT.map(({ value, weight }) => ({
        name: value,
        weight: weight * 10,
        stickiness: 'userId',
      })),
    },
    toggle(spec.SEGMENT_FLAG, true, { segments: [SEGMENT_ID] }),
    ...spec.MANY_FLAGS.map((flag) =>
      'on' in flag
        ? toggle(flag.key, flag.on)
        : toggle(flag.key, true, {
            constraints: [constraint('plan', 'IN', { values: flag.plans })],
          }),
    ),
  ];
}

/** @returns {Promise<import('../src/contender.mjs').Contender>} */
export async function open() {
  const client = new Unleash({
    appName: 'bench',
    url: 'http://127.0.0.1:9/',
    refreshInterval: 0,
    disableMetrics: true,
    disableAutoStart: true,
    storageProvider: new InMemStorageProvider(),
    bootstrap: {
      data: toggles(),
      segments: [
        { id: SEGMENT_ID, constraints: [constraint('userId', 'IN', { values: MEMBERS })] },
      ],
    },
  });
  client.on('error', console.error);
  const ready = new Promise((resolve) => client.once('ready', resolve));
  await client.start();
  await ready;
  return {
    version: await versionOf('unleash-client'),
    bool: (key, context) => client.isEnabled(key, context),
    string: (key, context) => client.getVariant(key, context).name,
    context: ({ key, email, plan, country, age }) => ({ userId: key, email, plan, country, age }),
    close: () => client.destroy(),
  };
}
