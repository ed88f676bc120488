import { setImmediate } from 'node:timers/promises';
import { EMPTY, type Observable } from 'rxjs';
import { ClosedError } from '../errors/index.js';
import { messageText } from '../errors/message-text.js';
import type { Isolate, LoadedEnvelope } from '../model/index.js';
import { withDeadline } from '../requests/index.js';
import type { DatadirWatcher } from '../sources/datadir/datadir-watcher.js';
import type { StreamState } from '../sources/stream/stream-state.js';
import { type ConfigStore, sameContent, type Snapshot, reuseUnchanged } from '../store/index.js';
import type { ConnectionState } from './connection-state.js';
import {
  type Delivery,
  type DeliveryCounters,
  type QuonfigRefresh,
  type TerminalFailure,
} from './delivery.js';
import { checkFailed, loaded, reloaded, reloadFailed } from './delivery.messages.js';
import { DeliveryRecord } from './delivery-record.js';
import type { LocalSource } from './local-source.js';
import { StateRelay } from './state-relay.js';
import { withinInitTimeout } from './init-policy.js';
import { logFindings } from './workspace-findings.js';

const CLOSE_TIMEOUT_MS = 5_000;

export interface LocalDeliveryOptions {
  readonly store: ConfigStore;
  readonly source: LocalSource;
  /** `undefined` if changes are not watched. */
  readonly watcher: DatadirWatcher | undefined;
  readonly initTimeout: number;
  readonly logger: { info(message: string): void; warn(message: string): void };
  /** Logs each warning once per service. */
  warnOnce(message: string): void;
  /** Isolates the subscribers of the observables from each other. */
  readonly isolate: Isolate;
  toSnapshot(envelope: LoadedEnvelope, origin: string): Promise<Snapshot>;
}

/**
 * Loads the configs of a directory or file into the store, and reloads them when they change.
 *
 * @publicApi
 */
export class LocalDelivery implements Delivery {
  private lastRead: Promise<void> = Promise.resolve();
  private readonly record = new DeliveryRecord();
  private started = false;
  suspended = false;
  /** The refresh count when the delivery was last suspended. */
  private refreshesAtSuspend = 0;
  private closed = false;
  /** Whether closing has ended: nothing is logged any more. */
  private ended = false;
  /** Settles when the workspace is checked. */
  private checked: Promise<void> | undefined;
  private readonly state = new StateRelay<ConnectionState>('initializing');

  readonly connectionState$: Observable<ConnectionState>;
  readonly refreshes$: Observable<QuonfigRefresh>;
  /** Empty, because there is no stream. */
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
    this.refreshes$ = options.isolate('refreshes$', this.record.timings.refreshes$);
  }

  load(): Promise<void> {
    const { initTimeout } = this.options;
    const load = (): Promise<void> => withinInitTimeout(() => this.readNext(), initTimeout);
    return this.record.timings.timed('load', load);
  }

  /** Starts following changes. */
  start(): void {
    this.started = true;
    this.follow();
  }

  /** Reads the source after any running read has ended, and installs the configs if they differ. */
  refresh(): Promise<void> {
    return this.record.timings.timed('request', () => this.readNext());
  }

  /** Does nothing: files do not become outdated with age. */
  updateIfStalerThan(): undefined {
    return undefined;
  }

  /** Stops following changes until `resume()`. */
  suspend(): void {
    if (this.closed || this.suspended) return;
    this.suspended = true;
    this.refreshesAtSuspend = this.record.refreshCount;
    void this.options.watcher?.stop();
    this.updateState();
  }

  /** Follows changes again, and refreshes once. */
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
    return count > this.refreshesAtSuspend ? 'connected' : 'disconnected';
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

  /** Stops following changes, and waits for the check of the workspace. A running read installs nothing. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.options.store.close();
    this.updateState();
    this.state.complete();
    this.record.timings.complete();
    // A process that ends at once learns of mistakes, too.
    const ends = (): Promise<unknown> => Promise.all([this.options.watcher?.close(), this.checked]);
    await withDeadline({ ms: CLOSE_TIMEOUT_MS, keepsProcess: true }, ends).catch(() => undefined);
    this.ended = true;
  }

  private follow(): void {
    if (!this.started || this.suspended || this.closed) return;
    this.options.watcher?.start(() => this.reload());
  }

  private async reload(): Promise<void> {
    if (this.suspended) return;
    try {
      await this.record.timings.timed('watch', () => this.readNext());
    } catch (error) {
      if (!this.closed) this.options.logger.warn(reloadFailed(messageText(error)));
    }
  }

  private readNext(): Promise<void> {
    const next = this.lastRead.then(() => this.read());
    this.lastRead = next.catch(() => undefined);
    return next;
  }

  private async read(): Promise<void> {
    try {
      await this.install();
    } catch (error) {
      this.record.recordFailedRefresh(messageText(error));
      this.options.store.outdated = this.options.store.current !== undefined;
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
    // Record the refresh before the install, so that update handlers see a complete record.
    this.record.recordRefresh();
    store.outdated = false;
    if (changed) store.install(snapshot, source.kind);
    this.updateState();
    if (changed) this.logInstall(snapshot, before === undefined);
    // Not awaited: a large workspace takes longer to check than to load.
    if (snapshot && before === undefined) this.checked = this.check(snapshot);
  }

  /** Logs what is wrong with the workspace, after those who wait for the load have continued. */
  private async check(snapshot: Snapshot): Promise<void> {
    const { source } = this.options;
    const warn = (message: string): void => {
      if (!this.ended) this.options.warnOnce(message);
    };
    try {
      await setImmediate();
      const layout = await source.layoutFindings(snapshot.size === 0);
      await logFindings(snapshot.storedConfigs(), layout, warn);
    } catch (error) {
      warn(checkFailed(messageText(error)));
    }
  }

  private logInstall(installed: Snapshot, first: boolean): void {
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
