import { setImmediate } from 'node:timers/promises';
import { merge, type Observable } from 'rxjs';
import { ClosedError } from '../errors/index.js';
import type { Isolate } from '../model/index.js';
import { withDeadline } from '../requests/index.js';
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
  type TerminalFailure,
} from './delivery.js';
import { configsArrived, following } from './delivery.messages.js';
import type { EnvelopeIntake } from './envelope-intake.js';
import type { NetworkSettings } from './network-settings.js';
import { StateRelay } from './state-relay.js';
import { withinInitTimeout } from './init-policy.js';

/** How long `close()` waits for the stream to end, in ms. */
const CLOSE_TIMEOUT_MS = 5_000;

export interface NetworkDeliveryOptions {
  readonly store: ConfigStore;
  readonly intake: EnvelopeIntake;
  readonly hedgedFetch: HedgedFetch;
  readonly poller: PollingFallbackService;
  /** Absent with `enableSSE: false`. */
  readonly stream: SseReconnectService | undefined;
  readonly settings: NetworkSettings;
  readonly initTimeout: number;
  readonly logger: SourceLogger;
  /** For what others subscribe to. */
  readonly isolate: Isolate;
}

/**
 * Loads configs over HTTP, follows them over the stream, and polls for them while the stream is down.
 *
 * @publicApi
 */
export class NetworkDelivery implements Delivery {
  private loading: Promise<void> | undefined;
  /** A refresh that `updateIfStalerThan` asked for. */
  private updating: Promise<void> | undefined;
  private started = false;
  suspended = false;
  /** The refresh count when the live parts were last stopped. */
  private refreshesBefore = -1;
  private closed = false;
  private closing: Promise<void> | undefined;
  private readonly state = new StateRelay<ConnectionState>('initializing');

  readonly connectionState$: Observable<ConnectionState>;
  readonly streamState$: Observable<StreamState>;
  readonly terminalFailure$: Observable<TerminalFailure>;
  readonly counted$: Observable<void>;

  /** @internal The SDK creates its parts. */
  constructor(private readonly options: NetworkDeliveryOptions) {
    const { changed$, record, streamState$, terminalFailure$ } = options.intake;
    const { isolate } = options;
    this.connectionState$ = isolate('connectionState$', this.state);
    this.streamState$ = isolate('streamState$', streamState$);
    this.terminalFailure$ = isolate('terminalFailure$', terminalFailure$);
    this.counted$ = record.counted$.asObservable();
    merge(changed$, streamState$, terminalFailure$).subscribe(() => this.updateState());
  }

  load(): Promise<void> {
    if (this.closed) return handled(Promise.reject(new ClosedError()));
    this.loading ??= this.firstLoad();
    return this.loading;
  }

  start(): void {
    if (this.started || this.closed) return;
    this.started = true;
    if (!this.suspended) this.follow();
  }

  refresh(): Promise<void> {
    return handled(this.options.intake.recorded(this.options.hedgedFetch.refresh(), 'fetch'));
  }

  updateIfStalerThan(ms: number): Promise<void> | undefined {
    const { ageMs } = this;
    if (this.closed || ageMs === undefined || ageMs < ms) return undefined;
    this.updating ??= handled(
      this.refresh().finally(() => {
        this.updating = undefined;
      }),
    );
    return this.updating;
  }

  /** Stops the stream and the poller until `resume`. */
  suspend(): void {
    if (this.closed || this.suspended) return;
    this.suspended = true;
    this.refreshesBefore = this.options.intake.record.refreshCount;
    const { hedgedFetch, poller, stream } = this.options;
    poller.stop();
    hedgedFetch.interrupt('poll', new ClosedError());
    void stream?.stop();
    this.updateState();
  }

  resume(): Promise<void> {
    if (this.closed) return handled(Promise.reject(new ClosedError()));
    this.unsuspend();
    return this.refresh();
  }

  reconnect(): Promise<void> {
    if (this.closed) return handled(Promise.reject(new ClosedError()));
    const { stream, poller } = this.options;
    const { suspended } = this;
    this.unsuspend();
    if (this.terminalFailure) poller.refusalLifted();
    // What was suspended has just been begun, unless it is refused.
    if (this.started && (!suspended || this.terminalFailure)) stream?.reconnect();
    this.updateState();
    return this.refresh();
  }

  get mode(): DeliveryMode {
    const { enableSSE, fallbackPollEnabled } = this.options.settings;
    if (enableSSE) return 'stream';
    return fallbackPollEnabled ? 'poll' : 'manual';
  }

  get connectionState(): ConnectionState {
    const { store, intake, poller, stream } = this.options;
    return connectionStateOf({
      stopped: this.closed || this.suspended,
      ready: store.current !== undefined,
      givenUp: this.terminalFailure && !poller.active,
      polling: poller.active,
      stream: stream === undefined ? 'off' : stream.state,
      proven: intake.record.refreshCount > this.refreshesBefore,
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
    this.closing ??= this.closed ? Promise.resolve() : this.end();
    return this.closing;
  }

  private async firstLoad(): Promise<void> {
    try {
      await withinInitTimeout(this.firstRefresh(), this.options.initTimeout);
    } catch (error) {
      this.loading = undefined;
      this.welcomeLateConfigs();
      throw error;
    }
  }

  /** To make the parts and to make the first request takes the engine some time each: in between, others have a turn. */
  private async firstRefresh(): Promise<void> {
    await setImmediate();
    await this.refresh();
  }

  /** Under `onInitFailure: "return-defaults"` the delivery goes on without configs. */
  private welcomeLateConfigs(): void {
    const { store, logger } = this.options;
    const subscription = store.updates$.subscribe(() => {
      subscription.unsubscribe();
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

  private unsuspend(): void {
    if (!this.suspended) return;
    this.suspended = false;
    if (this.started) this.follow();
    this.updateState();
  }

  private async end(): Promise<void> {
    this.closed = true;
    const { store, intake, hedgedFetch, poller, stream } = this.options;
    store.close();
    intake.close();
    poller.close();
    hedgedFetch.close();
    const streamOver = stream?.close();
    this.updateState();
    this.state.complete();
    intake.complete();
    // A stream of the application's own that cannot end must not delay the shutdown.
    await withDeadline({ ms: CLOSE_TIMEOUT_MS }, async () => streamOver).catch(() => undefined);
  }

  private updateState(): void {
    this.state.next(this.connectionState);
  }
}

/** A promise that need not be awaited: what it rejects with is counted, and must not end the process. */
function handled(promise: Promise<void>): Promise<void> {
  promise.catch(() => undefined);
  return promise;
}
