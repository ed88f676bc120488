/**
 * Augment this interface to type reads: it maps config keys to the types of their values. While it is empty, reads accept
 * every string as a key.
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
 * The keys in {@link QuonfigTypes}.
 *
 * @publicApi
 */
export type KnownKey = Extract<keyof QuonfigTypes, string>;

/**
 * Any string while {@link QuonfigTypes} is empty, and `never` otherwise, so that an unknown key does not compile.
 *
 * @publicApi
 */
export type UntypedKey = [KnownKey] extends [never] ? string : never;

/**
 * A key that reads accept.
 *
 * @publicApi
 */
export type ConfigKey = KnownKey | UntypedKey;

/**
 * A key whose value has the type `Value`.
 *
 * @publicApi
 */
export type KeyOf<Value> =
  UntypedKey | { [Key in KnownKey]: QuonfigTypes[Key] extends Value ? Key : never }[KnownKey];

/**
 * A key, or a pattern in which `*` matches any characters.
 *
 * @publicApi
 */
export type KeyPattern = ConfigKey | `${string}*${string}`;
