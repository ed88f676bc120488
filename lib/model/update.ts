/** Where an installed set of configs came from. */
export type UpdateSource = 'fetch' | 'stream' | 'poll' | 'datadir' | 'datafile' | 'cluster';

/**
 * One install of a set of configs.
 *
 * @publicApi
 */
export interface QuonfigUpdate {
  readonly source: UpdateSource;
  /** Version of the set, as its source names it. */
  readonly version: string;
  readonly environment: string;
  /** 0 for a source without generations. */
  readonly generation: number;
  readonly installedAt: Date;
  /** Keys that the set before did not have; all keys after the first install. Computed on first read, like the next two. */
  readonly added: readonly string[];
  /** Keys whose config differs from the set before. */
  readonly changed: readonly string[];
  /** Keys that this set no longer has. */
  readonly removed: readonly string[];
}
