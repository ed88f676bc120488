import {
  type Config,
  type ConfigType,
  InMemoryQuonfig,
  type KnownKey,
  type LogLevel,
  type QuonfigTypes,
  type StoredValue,
  TestValueError,
  type UntypedKey,
  type ValueType,
} from '../index.js';
import * as messages from './testing.messages.js';

/**
 * A value in a test: a boolean, number, string, list of strings or other JSON value, as the application reads it. An object
 * with one property of these names has a type of its own:
 *
 * - `{ duration: 'PT5M' }`: a duration. A number is also a duration in ms if the key already is one.
 * - `{ logLevel: 'debug' }`: a log level.
 * - `{ json: … }`: a JSON value that would otherwise have another type.
 *
 * @typeParam Value what reads of the key return
 * @publicApi
 */
export type TestValue<Value = unknown> =
  | Value
  | (number extends Value
      ? {
          /** ISO 8601, e.g. `PT5M`. */
          duration: string;
        }
      : never)
  | (string extends Value
      ? {
          /** Name of the level. */
          logLevel: LogLevel;
        }
      : never)
  | {
      /** Any JSON value. */
      json: Value;
    };

/**
 * Values in a test, by key.
 *
 * @typeParam Types key table of the instance; by default, that of the application
 * @publicApi
 */
export type TestValues<Types = QuonfigTypes> = {
  readonly [Key in KnownKey<Types>]?: TestValue<Types[Key]>;
} & { readonly [Key in UntypedKey<Types>]: TestValue };

/** A stored value that is neither split nor provided. */
export interface TypedValue extends StoredValue {
  readonly type: ValueType;
}

/** The types that a value may be stored as, if its config already has one of them. */
const ALSO: Partial<Record<ValueType, readonly ValueType[]>> = {
  bool: ['json'],
  int: ['double', 'duration', 'json'],
  double: ['int', 'duration', 'json'],
  string: ['log_level', 'json'],
  string_list: ['json'],
  json: [],
};

const DESCRIPTIONS: Readonly<Record<ValueType, string>> = {
  bool: 'a boolean',
  int: 'a number',
  double: 'a number',
  string: 'a string',
  string_list: 'a list of strings',
  json: 'a JSON value',
  duration: 'a duration',
  log_level: 'a log level',
};

/**
 * Turns a value of a test into a stored one.
 *
 * @param declared the type of the key so far
 * @throws {TestValueError} `test_value`: the value is none, or of another type
 */
export function typedValue(key: string, value: unknown, declared?: ValueType): TypedValue {
  const typed = inferred(key, value);
  if (declared === undefined || declared === typed.type) return checked(key, typed);
  // A number stays a double or becomes one.
  if (declared === 'int' && typed.type === 'double') return typed;
  if (ALSO[typed.type]?.includes(declared)) return checked(key, as(declared, typed.value));
  const { [declared]: wanted, [typed.type]: given } = DESCRIPTIONS;
  throw new TestValueError(key, messages.otherType(wanted, given));
}

function as(type: ValueType, value: unknown): TypedValue {
  if (type !== 'duration') return { type, value };
  const seconds = ((value as number) / 1000).toFixed(3);
  return { type, value: `PT${seconds}S` };
}

function inferred(key: string, value: unknown): TypedValue {
  if (value === undefined) throw new TestValueError(key, messages.noValueGiven);
  if (typeof value === 'boolean') return { type: 'bool', value };
  if (typeof value === 'string') return { type: 'string', value };
  if (typeof value === 'number' && Number.isFinite(value)) {
    return { type: Number.isSafeInteger(value) ? 'int' : 'double', value };
  }
  const marked = onlyProperty(value);
  if (marked?.name === 'duration') return { type: 'duration', value: marked.value };
  if (marked?.name === 'logLevel') return { type: 'log_level', value: marked.value };
  const json = marked?.name === 'json' ? marked.value : value;
  if (!isJson(json)) throw new TestValueError(key, messages.notJson);
  const isList = json === value && Array.isArray(json);
  if (isList && json.every((element) => typeof element === 'string')) {
    return { type: 'string_list', value: json };
  }
  return { type: 'json', value: json };
}

function onlyProperty(value: unknown): { name: string; value: unknown } | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const [first, ...others] = Object.entries(value);
  return first !== undefined && others.length === 0
    ? { name: first[0], value: first[1] as unknown }
    : undefined;
}

/** Whether JSON represents a value without loss. */
function isJson(value: unknown, around: readonly object[] = []): boolean {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || around.includes(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === null || prototype === Object.prototype || Array.isArray(value);
  // Another realm, such as that of Jest, has an Object.prototype of its own.
  const isForeignPlain = !isPlain && Object.getPrototypeOf(prototype) === null;
  if (!isPlain && !isForeignPlain) return false;
  return Object.values(value).every((part) => isJson(part, [...around, value]));
}

const LEVELS: ReadonlySet<unknown> = new Set(['trace', 'debug', 'info', 'warn', 'error', 'fatal']);

function checked(key: string, typed: TypedValue): TypedValue {
  if (typed.type === 'log_level' && !LEVELS.has(typed.value)) {
    throw new TestValueError(key, messages.badLevel);
  }
  if (typed.type === 'duration' && !isDuration(typed)) {
    throw new TestValueError(key, messages.badDuration);
  }
  return typed;
}

/** Asks the evaluation itself. */
function isDuration(typed: TypedValue): boolean {
  const reader = new InMemoryQuonfig([configOf('duration', [{ value: typed }])], {
    logger: { warn: () => undefined, error: () => undefined },
  });
  return reader.getDurationDetails('duration').errorCode === undefined;
}

/** Creates a config whose default rules are given. */
export function configOf(
  key: string,
  rules: NonNullable<NonNullable<Config['default']>['rules']>,
): Config {
  const valueType = rules.some(({ value }) => value.type === 'double')
    ? 'double'
    : (rules.at(-1)!.value.type as ValueType);
  return { key, type: typeOf(valueType), valueType, default: { rules } };
}

function typeOf(valueType: ValueType): ConfigType {
  if (valueType === 'bool') return 'feature_flag';
  return valueType === 'log_level' ? 'log_level' : 'config';
}
