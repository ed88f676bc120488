/** What a config is on the wire: the parts of a delivery envelope. Fields not listed here are ignored. */

export type ConfigType = 'config' | 'feature_flag' | 'segment' | 'log_level' | 'schema';

/** The type a config declares for its values. */
export type ValueType =
  'bool' | 'int' | 'double' | 'string' | 'json' | 'string_list' | 'duration' | 'log_level';

/** The type of one rule value: a {@link ValueType}, or one of the forms that lead to one. */
export type RuleValueType = ValueType | 'weighted_values' | 'provided' | 'schema';

export interface ConfigValue {
  type: RuleValueType;
  value: unknown;
  confidential?: boolean;
  /** Key of the config that holds the decryption key of this value. */
  decryptWith?: string;
}

export interface WeightedValue {
  weight: number;
  value: ConfigValue;
}

export interface WeightedValues {
  weightedValues: WeightedValue[];
  hashByPropertyName?: string;
}

/** A value that lives outside the config: the text of an environment variable. */
export interface ProvidedValue {
  source?: string;
  lookup: string;
}

export interface Criterion {
  operator: string;
  propertyName?: string;
  valueToMatch?: ConfigValue;
}

export interface Rule {
  criteria?: Criterion[] | null;
  value: ConfigValue;
}

export interface RuleSet {
  rules?: Rule[] | null;
}

export interface EnvironmentRules extends RuleSet {
  id: string;
}

export interface Config {
  id?: string;
  key: string;
  type: ConfigType;
  valueType: ValueType;
  sendToClientSdk?: boolean;
  default?: RuleSet | null;
  environment?: EnvironmentRules | null;
}
