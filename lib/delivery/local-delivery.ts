import { BehaviorSubject, distinctUntilChanged, type Observable } from 'rxjs';
import { ClosedError, InitializationTimeoutError } from '../errors/index.js';
import type { Config, Envelope } from '../model/index.js';
import type { DatadirWatcher } from '../sources/datadir/datadir-watcher.js';
import { type ConfigStore, sameContent, type Snapshot } from '../store/index.js';
import type { ConnectionState } from './connection-state.js';
import { loaded, reloaded, reloadFailed } from './delivery.messages.js';

/** Where a local set of configs is read from. */
export interface LocalSource {
  readonly kind: 'datadir' | 'datafile';
  /** The directory or file, for messages. */
  readonly origin: string;
  load(): Promise<Envelope>;
}

export interface LocalDeliveryOptions {
  readonly store: ConfigStore;
  readonly source: LocalSource;
  /** Absent when edits are not followed. */
  readonly watcher: DatadirWatcher | undefined;
  readonly initTimeout: number;
  readonly logger: { info(message: string): void; warn(message: string): void };
  toSnapshot(envelope: Envelope, origin: string): Promise<Snapshot>;
  /** Looks at the configs of the first load. */
  check(configs: readonly Config[]): void;
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
    const { store, source, logger } = this.options;
    this.failIfClosed();
    const envelope = await source.load();
    this.failIfClosed();
    const first = store.current === undefined;
    if (first) this.options.check(envelope.configs);
    const snapshot = await this.options.toSnapshot(envelope, source.origin);
    const same = store.current !== undefined && (await sameContent(store.current, snapshot));
    this.failIfClosed();
    this.refreshed = new Date();
    if (!same) store.install(snapshot, source.kind);
    this.updateState();
    if (first) {
      const live = this.options.watcher !== undefined;
      logger.info(loaded(snapshot.size, source.origin, snapshot.environment, live));
    } else if (!same) {
      logger.info(reloaded(source.origin));
    }
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
