import { EMPTY, type Observable } from 'rxjs';
import { ClosedError } from '../errors/index.js';
import type { Isolate, LoadedEnvelope } from '../model/index.js';
import type { DatadirWatcher } from '../sources/datadir/datadir-watcher.js';
import type { StreamState } from '../sources/stream/stream-state.js';
import { type ConfigStore, sameContent, type Snapshot, reuseUnchanged } from '../store/index.js';
import type { ConnectionState } from './connection-state.js';
import { type Delivery, type DeliveryCounters, type TerminalFailure } from './delivery.js';
import { loaded, reloaded, reloadFailed } from './delivery.messages.js';
import { DeliveryRecord } from './delivery-record.js';
import type { LocalSource } from './local-source.js';
import { StateRelay } from './state-relay.js';
import { withinInitTimeout } from './init-policy.js';
import { warnOfFindings } from './workspace-findings.js';

export interface LocalDeliveryOptions {
  readonly store: ConfigStore;
  readonly source: LocalSource;
  /** Absent when edits are not followed. */
  readonly watcher: DatadirWatcher | undefined;
  readonly initTimeout: number;
  readonly logger: { info(message: string): void; warn(message: string): void };
  /** Logs each warning once per service. */
  warnOnce(message: string): void;
  /** For what others subscribe to. */
  readonly isolate: Isolate;
  toSnapshot(envelope: LoadedEnvelope, origin: string): Promise<Snapshot>;
}

/**
 * Brings the configs of a directory or file into the store: once at the start, and again when they change.
 *
 * @publicApi
 */
export class LocalDelivery implements Delivery {
  private reading: Promise<void> = Promise.resolve();
  private readonly record = new DeliveryRecord();
  private started = false;
  suspended = false;
  /** How often the source had been read when the delivery was last suspended. */
  private readsBefore = 0;
  private closed = false;
  private readonly state = new StateRelay<ConnectionState>('initializing');

  readonly connectionState$: Observable<ConnectionState>;
  /** There is no stream. */
  readonly streamState$: Observable<StreamState> = EMPTY;
  readonly terminalFailure$: Observable<TerminalFailure> = EMPTY;
  readonly counted$: Observable<void> = EMPTY;
  readonly mode = 'local';
  readonly terminalFailure = false;
  readonly resolvedFrom = '';
  readonly fallbackPollerActive = false;

  /** @internal The SDK creates its parts. */
  constructor(private readonly options: LocalDeliveryOptions) {
    this.connectionState$ = options.isolate('connectionState$', this.state);
  }

  async load(): Promise<void> {
    await withinInitTimeout(this.refresh(), this.options.initTimeout);
  }

  /** Starts to follow edits. */
  start(): void {
    this.started = true;
    this.follow();
  }

  /** Reads the source again, after any reading that is under way; installs only what differs. */
  refresh(): Promise<void> {
    const next = this.reading.then(() => this.read());
    this.reading = next.catch(() => undefined);
    return next;
  }

  /** Files do not grow stale without being seen. */
  updateIfStalerThan(): undefined {
    return undefined;
  }

  /** Stops following edits until `resume`. */
  suspend(): void {
    if (this.closed || this.suspended) return;
    this.suspended = true;
    this.readsBefore = this.record.refreshCount;
    void this.options.watcher?.stop();
    this.updateState();
  }

  /** Reads the source and follows edits again. */
  resume(): Promise<void> {
    this.suspended = false;
    this.follow();
    this.updateState();
    return this.refresh();
  }

  reconnect(): Promise<void> {
    return this.resume();
  }

  get connectionState(): ConnectionState {
    if (this.closed || this.suspended) return 'disconnected';
    const count = this.record.refreshCount;
    if (count === 0) return 'initializing';
    return count > this.readsBefore ? 'connected' : 'disconnected';
  }

  get lastSuccessfulRefresh(): Date | undefined {
    return this.record.lastRefresh;
  }

  get ageMs(): number | undefined {
    return this.record.ageMs;
  }

  get counters(): DeliveryCounters {
    return this.record.counters;
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

  private follow(): void {
    if (!this.started || this.suspended || this.closed) return;
    this.options.watcher?.start(() => this.reload());
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
      this.record.refreshFailed(messageOf(error));
      throw error;
    }
  }

  private async install(): Promise<void> {
    this.failIfClosed();
    const { source, store } = this.options;
    const before = store.current;
    const read = await source.load();
    const envelope = read && before ? await reuseUnchanged(read, before) : read;
    const snapshot = envelope && (await this.options.toSnapshot(envelope, source.origin));
    const changed = snapshot && !(before && (await sameContent(before, snapshot)));
    this.failIfClosed();
    // First of all, so that callbacks of the install find everything in order.
    this.record.refreshed();
    if (changed) store.install(snapshot, source.kind);
    this.updateState();
    if (changed) this.tell(snapshot, before === undefined);
    if (envelope && before === undefined && source.kind === 'datadir') {
      warnOfFindings(envelope.configs, (message) => this.options.warnOnce(message));
    }
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
