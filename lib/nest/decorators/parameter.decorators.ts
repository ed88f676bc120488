import type { QuonfigService } from '../../client/quonfig.service.js';
import type { EvaluationDetails } from '../../evaluation/index.js';
import type { ConfigKey, KeyOf, KnownKey, UntypedKey, ValueOf } from '../../interfaces/index.js';
import type { ConfigValue as StoredValue, ValueType } from '../../model/index.js';
import { isInstanceOption } from './instance-option.js';
import { isPipe, type ParameterArgument, parameterRead } from './parameter-read.js';

/**
 * Parameter of a handler: whether a flag is on for the caller, as `isEnabled` returns it. With a default, it is read
 * like `getBool`.
 *
 * @param key key of the flag
 * @param more a default, then pipes as for Nest's own decorators, and `{ instance }` to read from a named instance
 * @example
 * ```ts
 * @Get() find(@Flag('search.fuzzy') fuzzy: boolean) {}
 * @Get() find(@Flag('search.fuzzy', true, { instance: 'billing' }) fuzzy: boolean) {}
 * ```
 *
 * @publicApi
 */
export function Flag(
  key: KeyOf<boolean>,
  ...more: [boolean | undefined, ...ParameterArgument[]] | ParameterArgument[]
): ParameterDecorator {
  const { defaultValue, rest } = split(more);
  const read = (service: QuonfigService): unknown =>
    defaultValue === undefined
      ? service.isEnabled(key)
      : service.getBool(key, undefined, defaultValue as boolean);
  return parameterRead(key, read, rest);
}

/**
 * Another name of `StoredValue`. The decorator has the same name.
 *
 * @publicApi
 */
export type ConfigValue = StoredValue;

/**
 * Parameter of a handler: the value of a config for the caller, as `get` returns it.
 *
 * @param key key of the config
 * @param more a default, then pipes as for Nest's own decorators, and `{ instance }` to read from a named instance
 * @example
 * ```ts
 * @Get() find(@ConfigValue('search.limit', 20) limit: number) {}
 * @Get() find(@ConfigValue('search.title', new TrimPipe()) title: string) {}
 * ```
 *
 * @publicApi
 */
export function ConfigValue<Key extends KnownKey | UntypedKey>(
  key: Key,
  ...more: [ValueOf<Key> | undefined, ...ParameterArgument[]] | ParameterArgument[]
): ParameterDecorator {
  const { defaultValue, rest } = split(more);
  const read = (service: QuonfigService): unknown =>
    service.get<unknown>(key as UntypedKey, undefined, defaultValue);
  return parameterRead(key, read, rest);
}

/**
 * Parameter of a handler: the value of a config with the reason for it, for the caller. It never throws.
 *
 * @param key key of the config
 * @param more pipes as for Nest's own decorators, and `{ instance }` to read from a named instance
 * @example
 * ```ts
 * @Get() find(@ConfigDetails('search.limit') details: EvaluationDetails<number>) {}
 * ```
 *
 * @publicApi
 */
export function ConfigDetails(key: ConfigKey, ...more: ParameterArgument[]): ParameterDecorator {
  return parameterRead(key, (service) => detailsOf(service, key), more);
}

/** The details of a config in its declared type; JSON where any type would do. */
function detailsOf(service: QuonfigService, key: ConfigKey): EvaluationDetails {
  const of = service as Pick<QuonfigService, 'rawConfig' | (typeof DETAILS)[ValueType]>;
  const type = of.rawConfig(key)?.valueType ?? 'json';
  return of[DETAILS[type] ?? 'getJSONDetails'](key as never);
}

const DETAILS = {
  bool: 'getBoolDetails',
  string: 'getStringDetails',
  log_level: 'getStringDetails',
  int: 'getNumberDetails',
  double: 'getNumberDetails',
  duration: 'getDurationDetails',
  string_list: 'getStringListDetails',
  json: 'getJSONDetails',
} as const satisfies Record<ValueType, keyof QuonfigService>;

/** The first argument is the default, unless it is a pipe or the only one and selects an instance. */
function split(more: readonly unknown[]): {
  readonly defaultValue: unknown;
  readonly rest: readonly ParameterArgument[];
} {
  const [first, ...others] = more;
  const hasDefault = !isPipe(first) && !(others.length === 0 && isInstanceOption(first));
  const rest = hasDefault ? others : more;
  return {
    defaultValue: hasDefault ? first : undefined,
    rest: rest as readonly ParameterArgument[],
  };
}
