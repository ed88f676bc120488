import { CoercionError, InvalidConfigError, MalformedDurationError } from '../errors/index.js';
import { type ConfigValue, storedNumber } from '../model/index.js';
import { stringToBoolean, type ValueOwner } from './coerce.js';
import { parseDuration } from './duration.js';
import { stringList, stringOf } from './string-form.js';

/**
 * Converts a stored value to the value that reads return.
 *
 * @throws {CoercionError} `unable_to_coerce_env_var` if the stored value does not fit its type
 * @throws {MalformedDurationError} the same for a duration
 * @throws {InvalidConfigError} `invalid_config` if there is no value, or its type is not readable
 */
export function unwrap(owner: ValueOwner, { type, value }: ConfigValue): unknown {
  if (type === 'json') {
    // A JSON value is stored as JSON; a string that contains JSON is the author's mistake.
    if (value === undefined || typeof value === 'string') throw new CoercionError(owner.key, type);
    return value;
  }
  if (value === undefined || value === null) {
    throw new InvalidConfigError(owner.key, 'a rule has no value');
  }
  switch (type) {
    case 'bool':
      return typeof value === 'string' ? stringToBoolean(value) : Boolean(value);
    case 'int':
    case 'double': {
      const number = storedNumber(type, value);
      if (number === undefined) throw new CoercionError(owner.key, type);
      return number;
    }
    case 'string':
      return stringOf(value) ?? JSON.stringify(value);
    case 'string_list':
      return stringList(value) ?? [];
    case 'duration': {
      const ms = parseDuration(value);
      if (ms === undefined) throw new MalformedDurationError(owner.key);
      return ms;
    }
    case 'log_level':
      return value;
    default:
      throw new InvalidConfigError(owner.key, `a value of type "${type}" cannot be read here`);
  }
}
