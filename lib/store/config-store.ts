import { type Observable, Subject } from 'rxjs';
import type { GuardVerdict, Isolate, UpdateSource } from '../model/index.js';
import { guardInstall } from './install-guard.js';
import type { Snapshot } from './snapshot.js';
import { SnapshotUpdate } from './snapshot-update.js';

/**
 * Holds the snapshot that reads are answered from, and is the only one to change it. A swap is one assignment: a reader
 * sees all of the old set or all of the new one. After it, one update goes out.
 */
export class ConfigStore {
  private snapshot: Snapshot | undefined;
  private held: number | undefined;
  private installs = 0;
  private closed = false;
  private readonly updates = new Subject<SnapshotUpdate>();

  /** Every install, right after its swap. Not kept here: it holds the set before. Completes when the store is closed. */
  readonly updates$: Observable<SnapshotUpdate>;

  /**
   * @internal The SDK creates its parts.
   * @param isolate for the updates; without it, RxJS handles the errors of subscribers
   */
  constructor(isolate: Isolate = (_, source$) => source$) {
    this.updates$ = isolate('updates$', this.updates.asObservable());
  }

  /** @internal The current snapshot; `undefined` before the first install. */
  get current(): Snapshot | undefined {
    return this.snapshot;
  }

  /** Generation of the held set; 0 before the first install. Never goes down. */
  get heldGeneration(): number {
    return this.held ?? 0;
  }

  get installCount(): number {
    return this.installs;
  }

  /** @internal Installs unconditionally: for sources without generations. */
  install(snapshot: Snapshot, source: UpdateSource): void {
    if (this.closed) return;
    const update = new SnapshotUpdate(source, this.snapshot, snapshot, new Date());
    this.snapshot = snapshot;
    this.held = Math.max(this.held ?? 0, snapshot.generation);
    this.installs++;
    this.updates.next(update);
  }

  /**
   * Installs if the guard lets it: for sets that arrive over the network, in any order.
   *
   * @internal
   * @param installing called right before the install
   */
  offer(snapshot: Snapshot, source: UpdateSource, installing?: () => void): GuardVerdict {
    const verdict = guardInstall(this.held, snapshot.generation);
    if (verdict === 'install') {
      installing?.();
      this.install(snapshot, source);
    }
    return verdict;
  }

  /** Ends the updates. The held set goes on answering reads; nothing is installed any more. */
  close(): void {
    this.closed = true;
    this.updates.complete();
  }
}
