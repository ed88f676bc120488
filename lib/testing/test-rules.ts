import {
  type Config,
  type Contexts,
  type Criterion,
  type KnownKey,
  type QuonfigTypes,
  type Rule,
  TestValueError,
  type UntypedKey,
  type ValueType,
} from '../index.js';
import { configOf, type TestValue, typedValue } from './test-values.js';
import * as messages from './testing.messages.js';

/**
 * One rule of a key: its value, and whom it is for. Without `when` and `criteria`, it is for everyone.
 *
 * @typeParam Value what reads of the key return
 * @publicApi
 */
export interface TestRule<Value = unknown> {
  /** Contexts that match if all these properties are equal; a list matches a list that contains all of its elements. */
  when?: Contexts | undefined;
  /** Criteria with any operator, as they are stored. All of them must match, `when` too. */
  criteria?: readonly Criterion[] | undefined;
  /** The value that reads return if the rule matches. */
  value: TestValue<Value>;
}

/**
 * The rules of keys. The first rule that matches decides.
 *
 * @typeParam Types key table of the instance; by default, that of the application
 * @publicApi
 */
export type TestRules<Types = QuonfigTypes> = {
  readonly [Key in KnownKey<Types>]?: readonly TestRule<Types[Key]>[];
} & { readonly [Key in UntypedKey<Types>]: readonly TestRule[] };

/** Creates the config of a key with rules. */
export function configWithRules(key: string, rules: readonly TestRule[]): Config {
  if (!Array.isArray(rules)) throw new TestValueError(key, messages.noRulesGiven);
  let declared: ValueType | undefined;
  const stored = rules.map((rule: TestRule | null) => {
    if (typeof rule !== 'object' || rule === null) {
      throw new TestValueError(key, messages.noRulesGiven);
    }
    const created = storedRule(key, rule, declared);
    declared = created.value.type as ValueType;
    return created;
  });
  if (stored.length === 0) throw new TestValueError(key, messages.noRulesGiven);
  return configOf(key, stored);
}

/** Puts a rule in front of the others of a config. */
export function withRuleInFront(key: string, config: Config | undefined, rule: TestRule): Config {
  const stored = storedRule(key, rule, config?.valueType);
  if (config === undefined) return configOf(key, [stored]);
  const valueType = stored.value.type as ValueType;
  const { environment } = config;
  const list = environment ?? config.default ?? {};
  const rules = { ...list, rules: [stored, ...(list.rules ?? [])] };
  return environment
    ? { ...config, valueType, environment: { ...rules, id: environment.id } }
    : { ...config, valueType, default: rules };
}

function storedRule(
  key: string,
  { when, criteria = [], value }: TestRule,
  declared?: ValueType,
): Rule {
  const all = [...criteriaFor(key, when ?? {}), ...criteria];
  return { value: typedValue(key, value, declared), criteria: all };
}

function criteriaFor(key: string, contexts: Contexts): Criterion[] {
  return Object.entries(contexts).flatMap(([name, properties]: [string, unknown]) => {
    if (typeof properties !== 'object' || properties === null || Array.isArray(properties)) {
      throw new TestValueError(key, messages.contextNotObject(name));
    }
    if (name.includes('.')) throw new TestValueError(key, messages.contextWithDot(name));
    return Object.entries(properties).flatMap(([property, value]) => {
      const propertyName = `${name}.${property}`;
      const elements: readonly unknown[] = Array.isArray(value) ? value : [value];
      if (!elements.every(isComparable)) {
        throw new TestValueError(key, messages.propertyNotComparable(propertyName));
      }
      return criteriaOf(propertyName, value);
    });
  });
}

/** The criteria for one property. Rules compare values as strings. */
function criteriaOf(propertyName: string, value: unknown): Criterion[] {
  if (value === undefined || value === null) return [{ operator: 'IS_NOT_PRESENT', propertyName }];
  const elements: readonly unknown[] = Array.isArray(value) ? value : [value];
  // Without a criterion, the rule would be for everyone.
  if (elements.length === 0) return [{ operator: 'IS_PRESENT', propertyName }];
  return elements.map((element) => ({
    operator: 'PROP_IS_ONE_OF',
    propertyName,
    valueToMatch: { type: 'string_list', value: [textOf(element)] },
  }));
}

/** Whether rules can compare a property, or its absence. */
function isComparable(value: unknown): boolean {
  if (value instanceof Date) return !Number.isNaN(value.getTime());
  return value === null || !['object', 'function', 'symbol'].includes(typeof value);
}

function textOf(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}
