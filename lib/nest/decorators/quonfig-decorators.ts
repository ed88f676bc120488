import type {
  ConfigKey,
  KeyOf,
  KeyPattern,
  KnownKey,
  QuonfigTypes,
  UntypedKey,
  ValueOf,
} from '../../interfaces/index.js';
import type { FlagRequirement } from '../guards/flag-requirement.js';
import type { RequireFlagOptions } from '../guards/required-flags.js';
import { InjectQuonfig } from './inject-quonfig.decorator.js';
import { Live } from './live.decorator.js';
import { OnQuonfigUpdate } from './on-quonfig-update.decorator.js';
import type { ParameterArgument } from './parameter-read.js';
import { ConfigDetails, ConfigValue, Flag } from './parameter.decorators.js';
import { RequireFlag } from './require-flag.decorator.js';

/**
 * The decorators of this package, bound to one instance and its key table.
 *
 * @publicApi
 */
export interface QuonfigDecorators<Types> {
  /** See {@link RequireFlag}. */
  RequireFlag(
    requirement: FlagRequirement<Types>,
    options?: Omit<RequireFlagOptions, 'instance'>,
  ): MethodDecorator & ClassDecorator;
  /** See {@link Flag}. */
  Flag(
    key: KeyOf<boolean, Types>,
    ...more: [boolean | undefined, ...ParameterArgument[]] | ParameterArgument[]
  ): ParameterDecorator;
  /** See {@link ConfigValue}. */
  ConfigValue<Key extends KnownKey<Types> | UntypedKey<Types>>(
    key: Key,
    ...more: [ValueOf<Key, Types> | undefined, ...ParameterArgument[]] | ParameterArgument[]
  ): ParameterDecorator;
  /** See {@link ConfigDetails}. */
  ConfigDetails(key: ConfigKey<Types>, ...more: ParameterArgument[]): ParameterDecorator;
  /** See {@link Live}. */
  Live<Key extends KnownKey<Types> | UntypedKey<Types>>(
    key: Key,
    defaultValue?: ValueOf<Key, Types>,
  ): PropertyDecorator;
  /** See {@link InjectQuonfig}. */
  InjectQuonfig(): PropertyDecorator & ParameterDecorator;
  /** See {@link OnQuonfigUpdate}. */
  OnQuonfigUpdate(keys?: KeyPattern<Types> | readonly KeyPattern<Types>[]): MethodDecorator;
}

/**
 * Returns the decorators of this package for one named instance: they read from it, and accept only the keys of its table.
 * So two workspaces do not share one key table.
 *
 * @param name name of the instance
 * @example
 * ```ts
 * interface BillingConfig { 'invoices.pdf': boolean; 'invoices.limit': number }
 *
 * export const Billing = createQuonfigDecorators<BillingConfig>('billing');
 *
 * @Get() @Billing.RequireFlag('invoices.pdf')
 * list(@Billing.ConfigValue('invoices.limit', 20) limit: number) {}
 * ```
 *
 * @publicApi
 */
export function createQuonfigDecorators<Types = QuonfigTypes>(
  name: string,
): QuonfigDecorators<Types> {
  const instance = { instance: name };
  // Bound to another key table, of which the decorators know nothing at run time.
  const read = {
    flag: Flag as (...parameters: unknown[]) => ParameterDecorator,
    value: ConfigValue as (...parameters: unknown[]) => ParameterDecorator,
    live: Live as (...parameters: unknown[]) => PropertyDecorator,
  };
  return {
    RequireFlag: (requirement, options) => RequireFlag(requirement, { ...options, ...instance }),
    Flag: (key, ...more) => read.flag(key, ...more, instance),
    ConfigValue: (key, ...more) => read.value(key, ...more, instance),
    ConfigDetails: (key, ...more) => ConfigDetails(key, ...more, instance),
    Live: (key, defaultValue) => read.live(key, defaultValue, instance),
    InjectQuonfig: () => InjectQuonfig(name),
    OnQuonfigUpdate: (keys) => OnQuonfigUpdate(keys as KeyPattern[] | undefined, { name }),
  };
}
