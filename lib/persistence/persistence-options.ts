/**
 * Where persistence saves: a Keyv (5 or 6), a `Map`, a cache-manager cache, or any object with the same methods, sync or
 * async.
 *
 * @publicApi
 */
export interface PersistenceStore {
  /** Returns the string that was set for the key; anything else counts as missing. */
  get(key: string): unknown;
  /** Stores a string; `ttl` is in ms. A result of `false` counts as a failure. */
  set(key: string, value: string, ttl?: number): unknown;
}

/**
 * Saves the current configs, so that a process can start while the delivery service is unreachable.
 *
 * @publicApi
 */
export interface PersistenceOptions {
  /** Path of the file to save to, relative to the working directory. Set this or `store`. */
  file?: string | undefined;
  /** Store to save to, which processes can share. Set this or `file`. */
  store?: PersistenceStore | undefined;
  /** Maximum age of saved configs, in ms: older ones are not used. Default: no maximum. */
  maxAge?: number | undefined;
  /** Whether to start from the saved configs without waiting for the network. Default `false`. */
  preferCache?: boolean | undefined;
  /** Key to encrypt what is saved with (AES-256-GCM): 32 bytes as 64 hex digits. Default: not encrypted. */
  encryptionKey?: string | undefined;
}
