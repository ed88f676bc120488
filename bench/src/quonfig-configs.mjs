import { ADULT_AGE, COUNTRIES, PAID_PLANS, STAFF_DOMAINS } from './flags.mjs';

/** Configs as they are delivered, and what the benches make of them. */

export const bool = (/** @type {boolean} */ value) => ({ type: 'bool', value });

export const text = (/** @type {string} */ value) => ({ type: 'string', value });

/** A criterion: operator, property, type and value to match. */
export const when = (
  /** @type {string} */ operator,
  /** @type {string} */ propertyName,
  /** @type {string} */ type,
  /** @type {unknown} */ value,
) => ({ operator, propertyName, valueToMatch: { type, value } });

export const oneOf = (/** @type {string} */ propertyName, /** @type {string[]} */ values) =>
  when('PROP_IS_ONE_OF', propertyName, 'string_list', values);

export const rule = (/** @type {object} */ value, /** @type {object[]} */ ...criteria) => ({
  criteria,
  value,
});

export const always = (/** @type {object} */ value) => rule(value, { operator: 'ALWAYS_TRUE' });

export const config = (
  /** @type {string} */ key,
  /** @type {object[]} */ rules,
  type = 'feature_flag',
  valueType = 'bool',
) => ({ id: key, key, type, valueType, sendToClientSdk: true, default: { rules } });

/** W2's flag. */
export const rulesFlag = (/** @type {string} */ key) =>
  config(key, [
    rule(bool(true), oneOf('user.plan', PAID_PLANS)),
    rule(bool(true), when('PROP_ENDS_WITH_ONE_OF', 'user.email', 'string_list', STAFF_DOMAINS)),
    rule(
      bool(true),
      oneOf('user.country', COUNTRIES),
      when('PROP_GREATER_THAN', 'user.age', 'int', ADULT_AGE),
    ),
    always(bool(false)),
  ]);

/** A flag that is on for some plans. */
export const plansFlag = (/** @type {string} */ key, /** @type {string[]} */ plans) =>
  config(key, [rule(bool(true), oneOf('user.plan', plans)), always(bool(false))]);

/** The envelope of configs, through text and back, as a delivery arrives. */
export const envelopeOf = (/** @type {object[]} */ configs) =>
  JSON.parse(JSON.stringify({ meta: { version: 'bench', environment: 'production' }, configs }));

/** Warnings are seen, the rest is not. */
export const logger = {
  warn: (/** @type {string} */ message) => console.error(message),
  error: (/** @type {string} */ message) => console.error(message),
};
