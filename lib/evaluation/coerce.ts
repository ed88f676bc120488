import { CoercionError, MalformedDurationError } from '../errors/index.js';
import { deepFreeze, parseInteger, parseNumber, type ValueType } from '../model/index.js';
import { parseDuration } from './duration.js';

/** The part of a config that is needed to read one of its values. */
export interface ValueOwner {
  readonly key: string;
  readonly valueType: ValueType;
}

/**
 * Converts a string from outside the config (an environment variable, a decrypted secret) to the config's declared type.
 *
 * @throws {CoercionError} `unable_to_coerce_env_var` if the string does not fit; it is never quoted
 * @throws {MalformedDurationError} the same for a duration
 */
export function coerceString(owner: ValueOwner, string: string, variable?: string): unknown {
  const value = convert(string, owner.valueType);
  if (value !== undefined) return deepFreeze(value);
  if (owner.valueType === 'duration') throw new MalformedDurationError(owner.key, variable);
  throw new CoercionError(owner.key, owner.valueType, variable);
}

function convert(string: string, type: ValueType): unknown {
  switch (type) {
    case 'int':
      return parseInteger(string);
    case 'double':
      return parseNumber(string);
    case 'bool':
      return stringToBoolean(string);
    case 'duration':
      return parseDuration(string);
    case 'string_list':
      return string.trim() === '' ? [] : string.split(',').map((item) => item.trim());
    case 'json':
      return parseJson(string);
    default:
      return string;
  }
}

const TRUE_WORDS = new Set(['true', '1', 't', 'yes']);

export function stringToBoolean(value: string): boolean {
  return TRUE_WORDS.has(value.toLowerCase());
}

function parseJson(string: string): unknown {
  try {
    return JSON.parse(string);
  } catch {
    return undefined;
  }
}
