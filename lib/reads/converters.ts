import { CoercionError } from '../errors/index.js';
import { parseDuration, textList, textOf, textToBoolean } from '../evaluation/index.js';
import { parseNumber } from '../model/index.js';

/**
 * Turns a config's value into the type a getter promises; `undefined` counts as no value.
 *
 * @throws CoercionError when the value does not fit
 */
export type Converter<T> = (value: unknown, key: string) => T | undefined;

export const asIs: Converter<unknown> = (value) => value;

export const toText: Converter<string> = (value) =>
  (hasObjects(value) ? undefined : textOf(value)) ?? JSON.stringify(value);

function hasObjects(value: unknown): boolean {
  return (
    Array.isArray(value) && value.some((element) => typeof element === 'object' && element !== null)
  );
}

export const toNumber: Converter<number> = (value, key) => {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const number = typeof value === 'string' ? parseNumber(value) : undefined;
  if (number === undefined) throw new CoercionError(key, 'number');
  return number;
};

/** Text follows the rules for booleans in environment variables: `"false"` is not true. */
export const toBoolean: Converter<boolean> = (value) =>
  typeof value === 'string' ? textToBoolean(value) : Boolean(value);

/** A list of a JSON config may hold other things than texts; one of a list config never does, and is not copied. */
export const toTextList: Converter<readonly string[]> = (value) =>
  isTextList(value) ? value : Object.freeze(textList(value));

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((element) => typeof element === 'string');
}

export const toDuration: Converter<number> = (value, key) => {
  const ms = typeof value === 'number' ? value : parseDuration(value);
  if (ms === undefined) throw new CoercionError(key, 'duration');
  return ms;
};
