import { CoercionError } from '../errors/index.js';
import { parseDuration, textOf, textToBoolean } from '../evaluation/index.js';
import { parseNumber } from '../model/index.js';

/**
 * Turns a config's value into the type a getter promises; `undefined` counts as no value.
 *
 * @throws CoercionError when the value does not fit
 */
export type Converter<T> = (value: unknown, key: string) => T | undefined;

export const asIs: Converter<unknown> = (value) => value;

export const toText: Converter<string> = (value) => textOf(value) ?? JSON.stringify(value);

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

export const toTextList: Converter<readonly string[]> = (value) =>
  Array.isArray(value) ? (value as readonly string[]) : undefined;

export const toDuration: Converter<number> = (value, key) => {
  const ms = typeof value === 'number' ? value : parseDuration(value);
  if (ms === undefined) throw new CoercionError(key, 'duration');
  return ms;
};
