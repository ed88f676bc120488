import { BehaviorSubject, distinctUntilChanged, type Observable } from 'rxjs';
import { ClosedError, InitializationTimeoutError } from '../errors/index.js';
import type { LoadedEnvelope } from '../model/index.js';
import type { DatadirWatcher } from '../sources/datadir/datadir-watcher.js';
import { type ConfigStore, sameContent, type Snapshot } from '../store/index.js';
import type { ConnectionState } from './connection-state.js';
import { loaded, reloaded, reloadFailed } from './delivery.messages.js';

/** Where a local set of configs is read from. */
export interface LocalSource {
  readonly kind: 'datadir' | 'datafile';
  /** The directory or file, for messages. */
  readonly origin: string;
  /** `undefined` when the source cannot have changed since it was last read. */
  load(): Promise<LoadedEnvelope | undefined>;
}

export interface LocalDeliveryOptions {
  readonly store: ConfigStore;
  readonly source: LocalSource;
  /** Absent when edits are not followed. */
  readonly watcher: DatadirWatcher | undefined;
  readonly initTimeout: number;
  readonly logger: { info(message: string): void; warn(message: string): void };
  toSnapshot(envelope: LoadedEnvelope, origin: string): Promise<Snapshot>;
  /** Looks at what was loaded first. */
  check(envelope: LoadedEnvelope): void;
}

/** Brings the configs of a directory or file into the store: once at the start, and again when they change. */
export class LocalDelivery {
  private reading: Promise<void> = Promise.resolve();
  private refreshed: Date | undefined;
  private failures = 0;
  private lastFailure: string | undefined;
  private suspended = false;
  private closed = false;
  private readonly state = new BehaviorSubject<ConnectionState>('initializing');

  /** The state now, then each different one. Completes with `close()`. */
  readonly connectionState$: Observable<ConnectionState> = this.state.pipe(distinctUntilChanged());

  constructor(private readonly options: LocalDeliveryOptions) {}

  /**
   * The first load.
   *
   * @throws InitializationTimeoutError when it takes longer than `initTimeout`, ClosedError when the delivery is closed
   *   meanwhile, and whatever makes the source unreadable
   */
  async load(): Promise<void> {
    const { initTimeout } = this.options;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new InitializationTimeoutError(initTimeout)), initTimeout);
    });
    try {
      await Promise.race([this.refresh(), limit]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Starts to follow edits. */
  start(): void {
    if (this.closed) return;
    this.options.watcher?.start(() => this.reload());
  }

  /** Reads the source again, after any reading that is under way; installs only what differs. */
  refresh(): Promise<void> {
    const next = this.reading.then(() => this.read());
    this.reading = next.catch(() => undefined);
    return next;
  }

  /** Stops following edits until `resume`. */
  suspend(): void {
    this.suspended = true;
    this.updateState();
  }

  /** Reads the source and follows edits again. */
  async resume(): Promise<void> {
    this.suspended = false;
    await this.refresh();
  }

  get connectionState(): ConnectionState {
    if (this.closed) return 'disconnected';
    if (this.refreshed === undefined) return 'initializing';
    return this.suspended ? 'disconnected' : 'connected';
  }

  /** When the source was last read with success. */
  get lastSuccessfulRefresh(): Date | undefined {
    return this.refreshed;
  }

  get failedRefreshes(): number {
    return this.failures;
  }

  get lastError(): string | undefined {
    return this.lastFailure;
  }

  /** Stops following edits. A reading that is under way installs nothing any more. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.options.store.close();
    this.updateState();
    this.state.complete();
    await this.options.watcher?.close();
  }

  private async reload(): Promise<void> {
    if (this.suspended) return;
    try {
      await this.refresh();
    } catch (error) {
      if (!this.closed) this.options.logger.warn(reloadFailed(messageOf(error)));
    }
  }

  private async read(): Promise<void> {
    try {
      await this.install();
    } catch (error) {
      this.failures++;
      this.lastFailure = messageOf(error);
      throw error;
    }
  }

  private async install(): Promise<void> {
    this.failIfClosed();
    const envelope = await this.options.source.load();
    const before = this.options.store.current;
    const snapshot =
      envelope && (await this.options.toSnapshot(envelope, this.options.source.origin));
    const changed = snapshot && !(before && (await sameContent(before, snapshot)));
    this.failIfClosed();
    // First of all, so that callbacks of the install find everything in order.
    this.refreshed = new Date();
    if (changed) this.options.store.install(snapshot, this.options.source.kind);
    this.updateState();
    if (changed) this.tell(snapshot, before === undefined);
    if (envelope && before === undefined) this.options.check(envelope);
  }

  private tell(installed: Snapshot, first: boolean): void {
    const { source, watcher, logger } = this.options;
    const { size, environment } = installed;
    const live = watcher !== undefined;
    logger.info(first ? loaded(size, source.origin, environment, live) : reloaded(source.origin));
  }

  private failIfClosed(): void {
    if (this.closed) throw new ClosedError();
  }

  private updateState(): void {
    this.state.next(this.connectionState);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
