import type { Config } from './config.js';

/**
 * Which source delivered an envelope.
 *
 * @publicApi
 */
export type UpdateSource =
  'fetch' | 'stream' | 'poll' | 'datadir' | 'datafile' | 'cluster' | 'persistence';

/**
 * One change of the current configs.
 *
 * @publicApi
 */
export interface QuonfigUpdate {
  /** Which source delivered the envelope. */
  readonly source: UpdateSource;
  /** Version of the envelope, as its source names it. */
  readonly version: string;
  /** Id of the environment whose rules apply. */
  readonly environment: string;
  /** Generation of the envelope; 0 if its source has none. */
  readonly generation: number;
  /** When the configs became current. */
  readonly installedAt: Date;
  /** Keys that are new; every key on the first install. Computed on first access, as are the next two. */
  readonly added: readonly string[];
  /** Keys whose config differs from before. */
  readonly changed: readonly string[];
  /** Keys that no longer exist. */
  readonly removed: readonly string[];
  /**
   * Returns a config as it was before the update, frozen; `undefined` for a new key. Call it while you are notified, before
   * the first `await`: later, the previous configs may be gone. Absent from updates that your own code creates.
   *
   * @param key key of the config
   */
  configBefore?(key: string): Readonly<Config> | undefined;
}

/**
 * What the install guard decides about an envelope from the network: install it, or drop it because its generation is
 * equal to the current one, older, or missing.
 */
export type GuardVerdict = 'install' | 'equal' | 'older' | 'unversioned';
