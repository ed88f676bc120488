import { inspect, type InspectOptions } from 'node:util';
import {
  type Config,
  inspected,
  type KeyFilter,
  type QuonfigUpdate,
  type UpdateSource,
} from '../model/index.js';
import { changeOf, type Difference, differenceBetween, keysOfBoth } from './difference.js';
import type { Snapshot } from './snapshot.js';

/**
 * One install. The difference is computed on first access; the snapshots are released then.
 *
 * @publicApi
 */
export class SnapshotUpdate implements QuonfigUpdate {
  readonly version: string;
  readonly environment: string;
  readonly generation: number;
  declare readonly added: readonly string[];
  declare readonly changed: readonly string[];
  declare readonly removed: readonly string[];
  #snapshots: { before: Snapshot | undefined; after: Snapshot } | undefined;
  #computed: Difference | undefined;
  /** The previous configs, after the difference was computed. Node keeps what a `WeakRef` refers to until the current job ends. */
  #released: WeakRef<Snapshot> | undefined;

  /** @internal */
  constructor(
    /** Which source delivered the envelope. */
    readonly source: UpdateSource,
    before: Snapshot | undefined,
    after: Snapshot,
    readonly installedAt: Date,
  ) {
    this.version = after.version;
    this.environment = after.environment;
    this.generation = after.generation;
    this.#snapshots = { before, after };
    // Own properties, so that JSON and spreading include them.
    for (const change of ['added', 'changed', 'removed'] as const) {
      Object.defineProperty(this, change, {
        enumerable: true,
        get: () => this.difference()[change],
      });
    }
  }

  /**
   * Returns a config as it was before the update, frozen; `undefined` for a new key, or once the previous configs are gone.
   *
   * @param key key of the config
   */
  configBefore(key: string): Readonly<Config> | undefined {
    const before = this.#snapshots === undefined ? this.#released?.deref() : this.#snapshots.before;
    return before?.frozenSource(key);
  }

  /** @internal Whether a selected key was added, changed or removed. Exact keys are compared alone, without a full comparison. */
  touches(filter: KeyFilter): boolean {
    if (filter.everything) return true;
    if (this.#snapshots === undefined) {
      return Object.values(this.difference()).some((keys: readonly string[]) =>
        keys.some((key) => filter.matches(key)),
      );
    }
    const { before, after } = this.#snapshots;
    const candidates = filter.exactKeys ?? keysOfBoth(before, after);
    for (const key of candidates) {
      if (filter.matches(key) && changeOf(key, before, after) !== undefined) return true;
    }
    return false;
  }

  /** @internal */
  [inspect.custom](depth: number | null, options: InspectOptions): string {
    return inspected(depth, options, this);
  }

  private difference(): Difference {
    if (this.#computed === undefined) {
      const { before, after } = this.#snapshots!;
      this.#computed = differenceBetween(before, after);
      this.#released = before && new WeakRef(before);
      this.#snapshots = undefined;
    }
    return this.#computed;
  }
}
