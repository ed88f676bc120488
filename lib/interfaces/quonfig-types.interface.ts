/**
 * Augment this interface to type reads: config key → type of its value. As long as it is empty, every key is accepted.
 *
 * ```ts
 * declare module 'nestjs-quonfig' {
 *   interface QuonfigTypes {
 *     'checkout.new-flow': boolean;
 *     'search.limit': number;
 *   }
 * }
 * ```
 *
 * @publicApi
 */
export interface QuonfigTypes {}

/**
 * The keys that {@link QuonfigTypes} names.
 *
 * @publicApi
 */
export type KnownKey = Extract<keyof QuonfigTypes, string>;

/**
 * Any text while {@link QuonfigTypes} is empty, nothing afterwards: then only known keys compile.
 *
 * @publicApi
 */
export type UntypedKey = [KnownKey] extends [never] ? string : never;

/**
 * A key that may be read.
 *
 * @publicApi
 */
export type ConfigKey = KnownKey | UntypedKey;

/**
 * A key whose values have the given type.
 *
 * @publicApi
 */
export type KeyOf<Value> =
  UntypedKey | { [Key in KnownKey]: QuonfigTypes[Key] extends Value ? Key : never }[KnownKey];

/**
 * A key, or a pattern in which `*` stands for any run of characters.
 *
 * @publicApi
 */
export type KeyPattern = ConfigKey | `${string}*${string}`;
