import { inspect, type InspectOptions } from 'node:util';
import { type Observable, Subject } from 'rxjs';
import type { CompiledConfig } from '../evaluation/index.js';
import { type GuardVerdict, inspected, type Isolate, type UpdateSource } from '../model/index.js';
import { guardInstall } from './install-guard.js';
import type { Snapshot } from './snapshot.js';
import { SnapshotUpdate } from './snapshot-update.js';

/**
 * Owns the current snapshot and is the only one to replace it. The swap is synchronous, so a read uses either the old
 * configs or the new ones, never a mix. One update is emitted after each swap.
 *
 * @publicApi
 */
export class ConfigStore {
  /** @internal Whether files could not be read again, so that the current configs are older than the files. */
  outdated = false;
  private snapshot: Snapshot | undefined;
  /** Those configs of the snapshot that were read before: here too, because every read looks for its config there first. */
  private compiled: ReadonlyMap<string, CompiledConfig> = new Map();
  private generation: number | undefined;
  private installs = 0;
  private source: UpdateSource | undefined;
  /** @internal */
  protected closed = false;
  private readonly updates = new Subject<SnapshotUpdate>();

  /** Emits after each install. Completes on close. Updates are not replayed: each one references the previous snapshot. */
  readonly updates$: Observable<SnapshotUpdate>;

  /**
   * @internal The SDK creates its parts.
   * @param isolate wraps `updates$`; by default, RxJS handles what subscribers throw
   */
  constructor(isolate: Isolate = (_, source$) => source$) {
    this.updates$ = isolate('updates$', this.updates.asObservable());
  }

  /** @internal The current snapshot; `undefined` before the first install. */
  get current(): Snapshot | undefined {
    return this.snapshot;
  }

  /** @internal The current config of a key; `undefined` for an unknown key. */
  find(key: string): CompiledConfig | undefined {
    return this.compiled.get(key) ?? this.current?.find(key);
  }

  /** The highest generation installed so far; 0 before the first install. */
  get heldGeneration(): number {
    return this.generation ?? 0;
  }

  /** @internal Where the current configs came from; `undefined` before the first install. */
  get currentSource(): UpdateSource | undefined {
    return this.source;
  }

  /** Number of installs since the store was created. */
  get installCount(): number {
    return this.installs;
  }

  /** @internal Differs whenever reads may use other configs than before: for what is derived from configs and kept. */
  get view(): number {
    return this.installs;
  }

  /** @internal Installs unconditionally, for sources without generations. Does nothing after `close()`. */
  install(snapshot: Snapshot, source: UpdateSource): void {
    if (this.closed) return;
    const before = this.snapshot;
    this.snapshot = snapshot;
    this.compiled = snapshot.compiled;
    this.generation = Math.max(this.generation ?? 0, snapshot.generation);
    this.announce(source, before, snapshot);
  }

  /** @internal Counts and emits an update. */
  protected announce(source: UpdateSource, before: Snapshot | undefined, after: Snapshot): void {
    this.installs++;
    this.source = source;
    this.updates.next(new SnapshotUpdate(source, before, after, new Date()));
  }

  /**
   * Installs if the guard allows it, for envelopes from the network, which can arrive out of order.
   *
   * @internal
   * @param installing called right before the install
   * @returns the verdict of the guard; only `install` changes the current snapshot
   */
  installIfNewer(snapshot: Snapshot, source: UpdateSource, installing?: () => void): GuardVerdict {
    const verdict = guardInstall(this.generation, snapshot.generation);
    if (verdict === 'install') {
      installing?.();
      this.install(snapshot, source);
    }
    return verdict;
  }

  /** @internal The current configs as an update in which every key is new; `undefined` before the first install. */
  asFirstUpdate(): SnapshotUpdate | undefined {
    const { current, currentSource = 'datafile' } = this;
    return current && new SnapshotUpdate(currentSource, undefined, current, new Date());
  }

  /** Returns what JSON and `inspect` show of a store: what is current, and not the configs themselves. */
  toJSON(): object {
    const { version, environment } = this.current ?? {};
    return { version, environment, generation: this.heldGeneration, installs: this.installs };
  }

  /** @internal */
  [inspect.custom](depth: number | null, options: InspectOptions): string {
    return inspected(depth, options, this);
  }

  /** Completes `updates$` and ignores further installs. Reads keep using the current snapshot. */
  close(): void {
    this.closed = true;
    this.updates.complete();
  }
}
