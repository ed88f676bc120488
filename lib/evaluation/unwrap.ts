import { CoercionError, InvalidConfigError, MalformedDurationError } from '../errors/index.js';
import { type ConfigValue, parseNumber } from '../model/index.js';
import { stringToBoolean, type ValueOwner } from './coerce.js';
import { parseDuration } from './duration.js';
import { stringList, textOf } from './text.js';

/**
 * The value that reads get from a stored value.
 *
 * @throws CoercionError or InvalidConfigError when the stored value does not fit its type
 */
export function unwrap(owner: ValueOwner, { type, value }: ConfigValue): unknown {
  if (type === 'json') {
    // JSON comes as JSON; text that contains JSON is a mistake of the author's.
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
      const number = typeof value === 'string' ? parseNumber(value) : value;
      if (typeof number !== 'number') throw new CoercionError(owner.key, type);
      return number;
    }
    case 'string':
      return textOf(value) ?? JSON.stringify(value);
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
