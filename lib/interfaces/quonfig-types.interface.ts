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
 * The keys that a key table names: {@link QuonfigTypes}, or that of a named instance.
 *
 * @publicApi
 */
export type KnownKey<Types = QuonfigTypes> = Extract<keyof Types, string>;

/**
 * Any string while the key table is empty, and `never` otherwise, so that an unknown key does not compile.
 *
 * @publicApi
 */
export type UntypedKey<Types = QuonfigTypes> = [KnownKey<Types>] extends [never] ? string : never;

/**
 * A key that reads accept.
 *
 * @publicApi
 */
export type ConfigKey<Types = QuonfigTypes> = KnownKey<Types> | UntypedKey<Types>;

/**
 * A key whose value has the type `Value`.
 *
 * @publicApi
 */
export type KeyOf<Value, Types = QuonfigTypes> =
  | UntypedKey<Types>
  | { [Key in KnownKey<Types>]: Types[Key] extends Value ? Key : never }[KnownKey<Types>];

/**
 * A key, or a pattern in which `*` matches any characters.
 *
 * @publicApi
 */
export type KeyPattern<Types = QuonfigTypes> = ConfigKey<Types> | `${string}*${string}`;

/**
 * The type of a key's values; `unknown` while the key table is empty.
 *
 * @publicApi
 */
export type ValueOf<Key, Types = QuonfigTypes> = Key extends keyof Types ? Types[Key] : unknown;
