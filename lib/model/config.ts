// The wire format of configs, as parts of an envelope. Fields that are not listed here are ignored.

/**
 * What a config is for.
 *
 * @publicApi
 */
export type ConfigType = 'config' | 'feature_flag' | 'segment' | 'log_level' | 'schema';

/**
 * The type that a config declares for its values.
 *
 * @publicApi
 */
export type ValueType =
  'bool' | 'int' | 'double' | 'string' | 'json' | 'string_list' | 'duration' | 'log_level';

/**
 * The type of one rule value: a {@link ValueType}, or a form that resolves to one.
 *
 * @publicApi
 */
export type RuleValueType = ValueType | 'weighted_values' | 'provided' | 'schema';

/**
 * The value of a rule or a variant, as stored.
 *
 * @publicApi
 */
export interface ConfigValue {
  /** Type of the value; it determines how the value is read. */
  type: RuleValueType;
  /** The value, in the form that `type` prescribes. */
  value: unknown;
  /** Whether traces and telemetry redact the value. */
  confidential?: boolean | undefined;
  /** Key of the config whose value decrypts this one. */
  decryptWith?: string | undefined;
}

export interface WeightedValue {
  weight: number;
  value: ConfigValue;
}

export interface WeightedValues {
  weightedValues: WeightedValue[];
  hashByPropertyName?: string | undefined;
}

/** A value from outside the config: the content of an environment variable. */
export interface ProvidedValue {
  source?: string | undefined;
  lookup: string;
}

/**
 * One condition of a rule.
 *
 * @publicApi
 */
export interface Criterion {
  /** E.g. `PROP_IS_ONE_OF`. A criterion with an unknown operator never matches. */
  operator: string;
  /** Context and property, e.g. `user.plan`. */
  propertyName?: string | undefined;
  /** The value to compare the property with. */
  valueToMatch?: ConfigValue | undefined;
}

/**
 * A value, and the criteria that must all match for it.
 *
 * @publicApi
 */
export interface Rule {
  /** A rule without criteria always matches. */
  criteria?: Criterion[] | null | undefined;
  /** The value that the config has when the rule matches. */
  value: ConfigValue;
}

/**
 * Rules in order of precedence: the first match decides.
 *
 * @publicApi
 */
export interface RuleSet {
  /** Rules in order of precedence. */
  rules?: Rule[] | null | undefined;
}

/**
 * The rules of one environment.
 *
 * @publicApi
 */
export interface EnvironmentRules extends RuleSet {
  /** Id of the environment. */
  id: string;
}

/**
 * A config, flag, segment, log level or schema, as delivered for one environment.
 *
 * @publicApi
 */
export interface Config {
  /** Id of the config. */
  id?: string | undefined;
  /** Key that reads name. */
  key: string;
  /** What the config is for. */
  type: ConfigType;
  /** The type that the config declares for its values. */
  valueType: ValueType;
  /** Whether browsers and mobile applications receive the config. */
  sendToClientSdk?: boolean | undefined;
  /** Rules that apply when no rule of `environment` matches. */
  default?: RuleSet | null | undefined;
  /** Rules of the current environment; they take precedence over `default`. */
  environment?: EnvironmentRules | null | undefined;
}
