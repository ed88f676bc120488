import type { Observable, Subscription } from 'rxjs';
import { ClosedError } from '../errors/index.js';
import type { Isolate } from '../model/index.js';
import type { Persistence } from '../persistence/index.js';
import { withDeadline } from '../requests/index.js';
import { configsUrl } from '../sources/http/config-endpoint.js';
import type { HedgedFetch } from '../sources/http/hedged-fetch.js';
import type { PollingFallbackService } from '../sources/poll/polling-fallback.service.js';
import type { SourceLogger } from '../sources/source-logger.js';
import type { SseReconnectService } from '../sources/stream/sse-reconnect.service.js';
import type { StreamState } from '../sources/stream/stream-state.js';
import type { ConfigStore } from '../store/index.js';
import { type ConnectionState, connectionStateOf } from './connection-state.js';
import {
  type Delivery,
  type DeliveryCounters,
  type DeliveryMode,
  type QuonfigRefresh,
  type TerminalFailure,
} from './delivery.js';
import { configsArrived, firstLoadFailed, following } from './delivery.messages.js';
import type { EnvelopeIntake } from './envelope-intake.js';
import { LastKnownGood } from './last-known-good.js';
import { modeOf, type NetworkSettings } from './network-settings.js';
import { StateRelay } from './state-relay.js';
import { NetworkLoad } from './network-load.js';

/** How long `close()` waits for the stream to end, in ms. */
const CLOSE_TIMEOUT_MS = 5_000;

export interface NetworkDeliveryOptions {
  readonly store: ConfigStore;
  readonly intake: EnvelopeIntake;
  readonly hedgedFetch: HedgedFetch;
  readonly poller: PollingFallbackService;
  /** `undefined` if `enableSSE` is `false`. */
  readonly stream: SseReconnectService | undefined;
  /** `undefined` without the option `persistence`. */
  readonly persistence: Persistence | undefined;
  readonly settings: NetworkSettings;
  readonly initTimeout: number;
  /** Jitter of the delays between attempts. */
  readonly random: () => number;
  readonly logger: SourceLogger;
  /** Isolates the subscribers of the observables from each other. */
  readonly isolate: Isolate;
}

/**
 * Loads configs over HTTP, receives changes over the stream, and falls back to polling while the stream is down.
 *
 * @publicApi
 */
export class NetworkDelivery implements Delivery {
  private loading: Promise<void> | undefined;
  /** The running refresh of `updateIfStalerThan()`. */
  private updating: Promise<void> | undefined;
  private started = false;
  suspended = false;
  /** The refresh count when the delivery was last suspended; 0 before. */
  private refreshesAtSuspend = 0;
  private closed = false;
  private closing: Promise<void> | undefined;
  private readonly state = new StateRelay<ConnectionState>('initializing');
  private readonly networkLoad: NetworkLoad;
  /** @internal `undefined` without the option `persistence`. */
  readonly lastKnownGood: LastKnownGood | undefined;
  /** Waits for the first configs after a failed load. */
  private lateConfigs: Subscription | undefined;

  readonly connectionState$: Observable<ConnectionState>;
  readonly refreshes$: Observable<QuonfigRefresh>;
  readonly streamState$: Observable<StreamState>;
  readonly terminalFailure$: Observable<TerminalFailure>;
  readonly counted$: Observable<void>;

  /** @internal The SDK creates its parts. */
  constructor(private readonly options: NetworkDeliveryOptions) {
    const { mayChangeState$, record, streamState$, terminalFailure$ } = options.intake;
    const { isolate } = options;
    this.connectionState$ = isolate('connectionState$', this.state);
    this.refreshes$ = isolate('refreshes$', record.timings.refreshes$);
    this.streamState$ = isolate('streamState$', streamState$);
    this.terminalFailure$ = isolate('terminalFailure$', terminalFailure$);
    this.counted$ = record.counted$.asObservable();
    this.networkLoad = new NetworkLoad({
      ...options,
      refresh: () => this.fetch(),
      urls: options.settings.addresses.apiUrls.map(configsUrl),
      failures: record.failures,
    });
    const { persistence, settings } = options;
    this.lastKnownGood =
      persistence &&
      new LastKnownGood({
        ...options,
        persistence,
        onTerminalFailure: settings.onTerminalFailure,
        connectionState: () => this.connectionState,
      });
    const updateState = (): void => this.updateState();
    mayChangeState$.subscribe(updateState);
    streamState$.subscribe(updateState);
    terminalFailure$.subscribe(updateState);
  }

  /** Loads the first configs within `ms`, by default all of `initTimeout`. Calls made meanwhile share the load. */
  load(ms = this.options.initTimeout): Promise<void> {
    if (this.closed) return withRejectionHandled(Promise.reject(new ClosedError()));
    this.loading ??= this.runNetworkLoad(ms);
    return this.loading;
  }

  start(): void {
    if (this.started || this.closed) return;
    this.started = true;
    this.lastKnownGood?.follow();
    if (!this.suspended) this.follow();
  }

  refresh(): Promise<void> {
    return this.options.intake.record.timings.timed('request', () => this.fetch());
  }

  updateIfStalerThan(ms: number): Promise<void> | undefined {
    const { ageMs } = this;
    if (this.closed || ageMs === undefined || ageMs < ms) return undefined;
    this.updating ??= withRejectionHandled(
      this.refresh().finally(() => void (this.updating = undefined)),
    );
    return this.updating;
  }

  suspend(): void {
    if (this.closed || this.suspended) return;
    this.suspended = true;
    this.refreshesAtSuspend = this.options.intake.record.refreshCount;
    const { hedgedFetch, poller, stream } = this.options;
    poller.stop();
    hedgedFetch.interrupt('poll', new ClosedError());
    void stream?.stop();
    this.updateState();
  }

  resume(): Promise<void> {
    if (this.closed) return withRejectionHandled(Promise.reject(new ClosedError()));
    this.unsuspend();
    return this.refresh();
  }

  reconnect(): Promise<void> {
    if (this.closed) return withRejectionHandled(Promise.reject(new ClosedError()));
    const { stream, poller } = this.options;
    const { suspended } = this;
    this.unsuspend();
    if (this.terminalFailure) poller.refusalLifted();
    // After a suspension, the stream has just been started, unless it was refused.
    if (this.started && (!suspended || this.terminalFailure)) stream?.reconnect();
    this.updateState();
    return this.refresh();
  }

  get mode(): DeliveryMode {
    return modeOf(this.options.settings);
  }

  get connectionState(): ConnectionState {
    const { store, intake, poller, stream } = this.options;
    return connectionStateOf({
      stopped: this.closed || this.suspended,
      ready: store.current !== undefined,
      givenUp: this.terminalFailure && !poller.active,
      polling: poller.active,
      stream: stream === undefined ? 'off' : stream.state,
      refreshed: intake.record.refreshCount > this.refreshesAtSuspend,
    });
  }

  get terminalFailure(): boolean {
    return this.options.stream?.terminal ?? false;
  }

  get lastSuccessfulRefresh(): Date | undefined {
    return this.options.intake.record.lastRefresh;
  }

  get ageMs(): number | undefined {
    return this.options.intake.record.ageMs;
  }

  get resolvedFrom(): 'primary' | 'secondary' | '' {
    return this.options.intake.record.resolvedFrom;
  }

  get fallbackPollerActive(): boolean {
    return this.options.poller.active;
  }

  get counters(): DeliveryCounters {
    return this.options.intake.record.counters;
  }

  close(): Promise<void> {
    this.closing ??= this.closed ? Promise.resolve() : this.shutDown();
    return this.closing;
  }

  private fetch(): Promise<void> {
    const { intake, hedgedFetch } = this.options;
    return intake.recordOutcome(hedgedFetch.refresh(), 'fetch');
  }

  private async runNetworkLoad(ms: number): Promise<void> {
    const { lastKnownGood } = this;
    this.options.intake.record.forgetFailedApis();
    lastKnownGood?.begin(ms);
    if (lastKnownGood?.preferred && (await lastKnownGood.install())) {
      // The first request, which streams and polls do not replace under every option.
      this.timedLoad(ms).catch((error: unknown) => this.logFailedLoad(error));
      return;
    }
    try {
      await this.timedLoad(ms);
    } catch (error) {
      const [refusedBy] = this.options.intake.record.refusals;
      if (await lastKnownGood?.substitute(error, refusedBy)) return;
      this.loading = undefined;
      this.logLateConfigs();
      throw error;
    }
  }

  private timedLoad(ms: number): Promise<void> {
    return this.options.intake.record.timings.timed('load', () => this.networkLoad.run(ms));
  }

  private logFailedLoad(error: unknown): void {
    if (!(error instanceof ClosedError)) this.options.logger.warn(firstLoadFailed(error));
  }

  /** Logs the first configs, which can still arrive with `onInitFailure: "return-defaults"`. */
  private logLateConfigs(): void {
    const { store, logger } = this.options;
    this.lateConfigs ??= store.updates$.subscribe(() => {
      this.lateConfigs?.unsubscribe();
      logger.info?.(configsArrived(store.current?.size ?? 0));
    });
  }

  private follow(): void {
    const { logger, settings, store, poller, stream } = this.options;
    if (!this.terminalFailure) logger.info?.(following(store.current, settings));
    poller.start();
    stream?.start();
    this.updateState();
  }

  /** @internal Ends a suspension without a fetch. */
  unsuspend(): void {
    if (!this.suspended) return;
    this.suspended = false;
    if (this.started) this.follow();
    this.updateState();
  }

  private async shutDown(): Promise<void> {
    this.closed = true;
    const { store, intake, hedgedFetch, poller, stream } = this.options;
    this.networkLoad.close();
    store.close();
    intake.close();
    poller.close();
    hedgedFetch.close();
    const saved = this.lastKnownGood?.close();
    const streamEnded = stream?.close();
    this.updateState();
    this.state.complete();
    intake.complete();
    // A custom stream or store that never ends must not delay the shutdown.
    await withDeadline({ ms: CLOSE_TIMEOUT_MS }, async () =>
      Promise.all([streamEnded, saved]),
    ).catch(() => undefined);
  }

  private updateState(): void {
    this.state.next(this.connectionState);
  }
}

/** Marks a rejection as handled: it is recorded, and callers that do not await the promise must not crash the process. */
function withRejectionHandled(promise: Promise<void>): Promise<void> {
  promise.catch(() => undefined);
  return promise;
}
