import { CoercionError } from '../errors/index.js';
import { parseDuration, stringList, stringOf, stringToBoolean } from '../evaluation/index.js';
import { isIntegerText, parseInteger, parseNumber } from '../model/index.js';

/**
 * Converts a config's value to the type that a getter promises; `undefined` counts as no value.
 *
 * @throws {CoercionError} `unable_to_coerce_env_var` if the value cannot be converted
 */
export type Converter<T> = (value: unknown, key: string) => T | undefined;

export const asIs: Converter<unknown> = (value) => value;

export const toStringValue: Converter<string> = (value) =>
  (hasObjects(value) ? undefined : stringOf(value)) ?? JSON.stringify(value);

function hasObjects(value: unknown): boolean {
  return (
    Array.isArray(value) && value.some((element) => typeof element === 'object' && element !== null)
  );
}

export const toNumber: Converter<number> = (value, key) => {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const number = typeof value === 'string' ? numberInText(value) : undefined;
  if (number === undefined) throw new CoercionError(key, 'number');
  return number;
};

/** Returns `undefined` for an integer that a number cannot represent exactly, because it would become another one. */
function numberInText(text: string): number | undefined {
  return isIntegerText(text) ? parseInteger(text) : parseNumber(text);
}

/** Strings follow the rules for environment variables, so `"false"` is false. */
export const toBoolean: Converter<boolean> = (value) =>
  typeof value === 'string' ? stringToBoolean(value) : Boolean(value);

/** Stricter than {@link toBoolean}: other strings than `"true"` are off. */
export const toFlag: Converter<boolean> = (value) => value === true || value === 'true';

/** Only a JSON config can contain a list with other types than strings. A list of strings is returned without a copy. */
export const toStringList: Converter<readonly string[]> = (value) =>
  isStringList(value) ? value : Object.freeze(stringList(value));

function isStringList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((element) => typeof element === 'string');
}

export const toDuration: Converter<number> = (value, key) => {
  const ms = typeof value === 'number' ? value : parseDuration(value);
  if (ms === undefined) throw new CoercionError(key, 'duration');
  return ms;
};
