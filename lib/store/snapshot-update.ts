import type { KeyFilter, QuonfigUpdate, UpdateSource } from '../model/index.js';
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
  private snapshots: { before: Snapshot | undefined; after: Snapshot } | undefined;
  private computed: Difference | undefined;

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
    this.snapshots = { before, after };
  }

  get added(): readonly string[] {
    return this.difference.added;
  }

  get changed(): readonly string[] {
    return this.difference.changed;
  }

  get removed(): readonly string[] {
    return this.difference.removed;
  }

  /** @internal Whether a selected key was added, changed or removed. Exact keys are compared alone, without a full comparison. */
  touches(filter: KeyFilter): boolean {
    if (filter.everything) return true;
    if (this.snapshots === undefined) {
      return Object.values(this.difference).some((keys: readonly string[]) =>
        keys.some((key) => filter.matches(key)),
      );
    }
    const { before, after } = this.snapshots;
    const candidates = filter.exactKeys ?? keysOfBoth(before, after);
    for (const key of candidates) {
      if (filter.matches(key) && changeOf(key, before, after) !== undefined) return true;
    }
    return false;
  }

  private get difference(): Difference {
    if (this.computed === undefined) {
      const { before, after } = this.snapshots!;
      this.computed = differenceBetween(before, after);
      this.snapshots = undefined;
    }
    return this.computed;
  }
}
