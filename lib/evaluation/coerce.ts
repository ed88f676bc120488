import { CoercionError, MalformedDurationError } from '../errors/index.js';
import { deepFreeze, parseNumber, type ValueType } from '../model/index.js';
import { parseDuration } from './duration.js';

/** The config a value belongs to, as far as reading the value needs it. */
export interface ValueOwner {
  readonly key: string;
  readonly valueType: ValueType;
}

/**
 * Reads a text from outside the config (an environment variable, a decrypted secret) as its owner's declared type.
 *
 * @throws CoercionError when it does not fit; the text itself is never quoted
 */
export function coerceText(owner: ValueOwner, text: string, variable?: string): unknown {
  const value = valueOfText(text, owner.valueType);
  if (value !== undefined) return deepFreeze(value);
  if (owner.valueType === 'duration') throw new MalformedDurationError(owner.key, variable);
  throw new CoercionError(owner.key, owner.valueType, variable);
}

function valueOfText(text: string, type: ValueType): unknown {
  switch (type) {
    case 'int':
      return parseInteger(text);
    case 'double':
      return parseNumber(text);
    case 'bool':
      return stringToBoolean(text);
    case 'duration':
      return parseDuration(text);
    case 'string_list':
      return text.trim() === '' ? [] : text.split(',').map((item) => item.trim());
    case 'json':
      return parseJson(text);
    default:
      return text;
  }
}

const TRUE_WORDS = new Set(['true', '1', 't', 'yes']);

export function stringToBoolean(value: string): boolean {
  return TRUE_WORDS.has(value.toLowerCase());
}

function parseInteger(text: string): number | undefined {
  const trimmed = text.trim();
  if (!/^[+-]?[0-9]+$/.test(trimmed)) return undefined;
  const number = Number(trimmed);
  return Number.isSafeInteger(number) ? number : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
