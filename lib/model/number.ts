const NUMBER = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*$/;
const INTEGER = /^\s*[+-]?\d+\s*$/;
/** Bounds the time of the patterns on hostile input; no real number is longer. */
const MAX_NUMBER_LENGTH = 400;

/** Returns a decimal number, or `undefined` for anything else: blanks, hex, `Infinity`, trailing letters. */
export function parseNumber(value: string): number | undefined {
  if (value.length > MAX_NUMBER_LENGTH || !NUMBER.test(value)) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** Whether a string is written as an integer, of any size. */
export function isIntegerText(value: string): boolean {
  return value.length <= MAX_NUMBER_LENGTH && INTEGER.test(value);
}

/**
 * Returns an integer, or `undefined` for anything else, including an integer that a number cannot represent exactly: it
 * would silently become another one.
 */
export function parseInteger(value: string): number | undefined {
  if (!isIntegerText(value)) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

/**
 * Returns the number that a stored value of type `int` or `double` is, from a number or a string; `undefined` if it is
 * none. Configs in an envelope and documents in a directory follow this one rule.
 */
export function storedNumber(type: 'int' | 'double', value: unknown): number | undefined {
  const isInt = type === 'int';
  if (typeof value === 'string') return isInt ? parseInteger(value) : parseNumber(value);
  if (typeof value !== 'number') return undefined;
  return (isInt ? Number.isSafeInteger(value) : Number.isFinite(value)) ? value : undefined;
}
