import { COUNTRIES, PAID_PLANS, STAFF_DOMAINS } from './flags.mjs';
import { always, bool, oneOf, rule, text, when } from './quonfig-configs.mjs';

/** Configs of about 1 KB of JSON each, with the rules real workspaces have. */

const accounts = (/** @type {number} */ index) =>
  Array.from({ length: 6 }, (_, at) => `account-${index}-${at * 131}`);

/** A flag for some countries above an age, and for staff; in production for a list of accounts first. */
const flag = (/** @type {number} */ index) => ({
  type: 'feature_flag',
  valueType: 'bool',
  default: {
    rules: [
      rule(
        bool(true),
        oneOf('user.country', COUNTRIES.slice(index % 5)),
        when('PROP_GREATER_THAN', 'user.age', 'int', 18 + (index % 40)),
      ),
      rule(bool(true), when('PROP_ENDS_WITH_ONE_OF', 'user.email', 'string_list', STAFF_DOMAINS)),
      always(bool(false)),
    ],
  },
  environment: {
    id: 'production',
    rules: [rule(bool(index % 4 === 0), oneOf('account.key', accounts(index)))],
  },
});

/** A text split among four, for the paying users of all but some accounts. */
const split = (/** @type {number} */ index) => ({
  type: 'config',
  valueType: 'string',
  default: {
    rules: [
      rule(
        {
          type: 'weighted_values',
          value: {
            hashByPropertyName: 'user.key',
            weightedValues: ['grid', 'list', 'cards', 'table'].map((name, at) => ({
              weight: 10 + at * 10,
              value: text(`${name}-${index}`),
            })),
          },
        },
        oneOf('user.plan', PAID_PLANS),
        when('PROP_IS_NOT_ONE_OF', 'account.key', 'string_list', accounts(index)),
      ),
      always(text(`plain-${index}`)),
    ],
  },
});

/** A JSON document, another one in production. */
function json(/** @type {number} */ index) {
  const document = (/** @type {number} */ scale) => ({
    type: 'json',
    value: {
      endpoint: `https://service-${index}.example.com/v2`,
      timeoutMs: 250 * scale,
      retries: { attempts: 3 * scale, backoffMs: [100, 200, 400 * scale] },
      features: { compression: true, batchSize: 64 * scale, region: COUNTRIES[index % 10] },
      owners: [`team-${index % 40}`, `team-${(index * 7) % 40}`],
    },
  });
  return {
    type: 'config',
    valueType: 'json',
    default: { rules: [always(document(1))] },
    environment: { id: 'production', rules: [always(document(2))] },
  };
}

/** Every second config is a flag, the others are splits and JSON documents in turn. */
export const realisticConfigs = (/** @type {number} */ size) =>
  Array.from({ length: size }, (_, index) => ({
    id: `17${String(index).padStart(10, '0')}`,
    key: `team-${index % 40}.service-${index % 400}.setting-${index}`,
    sendToClientSdk: index % 2 === 0,
    ...(index % 2 === 0 ? flag : index % 4 === 1 ? split : json)(index),
  }));
