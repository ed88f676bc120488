import { messageText } from '../../errors/message-text.js';
import { isRefusal, MAX_TIMER_MS } from '../../requests/index.js';
import type { SourceLogger } from '../source-logger.js';
import type { SourceChange, SourceSink } from '../source-sink.js';
import { FreezeWatch } from '../freeze-watch.js';
import type { StreamState } from '../stream/stream-state.js';
import {
  type PollEvent,
  type PollPolicy,
  type PollSituation,
  type PollStep,
  nextStep,
} from './poll-step.js';
import {
  pollFailed,
  pollingStarted,
  pollingStopped,
  pollRecovered,
  pollRefused,
} from './polling-fallback.messages.js';

export interface PollingFallbackOptions extends PollPolicy {
  /** Where the SDK key comes from, for messages, e.g. `the option sdkKey`. */
  readonly keySource: string;
  /** From the end of one poll to the start of the next, in ms. The wait for the stream is twice as long. */
  readonly fallbackPollIntervalMs: number;
  readonly logger: SourceLogger;
  /** Runs one refresh. A rejection is a failed poll; its `status`, if any, is that of the response. */
  poll(): Promise<void>;
  /** Returns how long ago configs were last known to be current, in ms. */
  ageMs(): number | undefined;
  readonly sink: SourceSink;
}

/**
 * Polls for configs while the stream does not deliver. Polling starts after a wait if the stream has delivered before or is
 * still connecting, and immediately if it fails before it has ever delivered. After a refusal of the stream it stops, unless
 * `onTerminalFailure` is `"poll"`.
 *
 * @publicApi
 */
export class PollingFallbackService {
  private situation: PollSituation = { mode: 'idle', everDelivered: false, refused: false };
  /** Whether the current connection of the stream has delivered. */
  private delivering = false;
  private started = false;
  private closed = false;
  private timer: NodeJS.Timeout | undefined;
  private inFlight = false;
  /** Number of stops. The failure of a poll from before a stop is ignored. */
  private stops = 0;
  /** Whether a failure was logged since polling started or last succeeded; likewise for a refusal. */
  private failureLogged = false;
  private refusalLogged = false;
  private readonly freezeWatch = new FreezeWatch(() => void this.poll());

  /** @internal The SDK creates its parts. */
  constructor(private readonly options: PollingFallbackOptions) {}

  /** Whether polling is running. */
  get active(): boolean {
    return this.situation.mode === 'polling';
  }

  /** Waits for the stream, or polls if the stream is off. Also starts again after `stop()`. */
  start(): void {
    if (this.started || this.closed) return;
    this.started = true;
    this.apply('started');
    if (this.delivering) this.apply('stream_delivered');
  }

  /** Receives every change of the stream. @internal The sink calls it. */
  sourceChanged(change: SourceChange): void {
    if (change.type === 'stream') this.streamChanged(change.state);
    else if (change.type === 'refused') this.apply('stream_refused');
    else if (change.type === 'delivered') {
      this.delivering = true;
      this.apply('stream_delivered');
    }
  }

  /** Call it when the refusal of the stream is lifted. */
  refusalLifted(): void {
    this.apply('refusal_lifted');
  }

  /** Stops waiting and polling until `start()`. Does not wait for a running poll. */
  stop(): void {
    this.stops++;
    this.started = false;
    this.transition({ ...this.situation, mode: 'idle' });
  }

  /** Stops permanently. No poll starts after this. */
  close(): void {
    this.closed = true;
    this.stop();
  }

  private streamChanged(state: StreamState): void {
    if (state === 'connected') return;
    const lost = this.delivering;
    this.delivering = false;
    if (state === 'disconnected') return;
    if (lost) this.apply('stream_lost');
    if (state === 'error') this.apply('stream_failed');
  }

  private apply(event: PollEvent): void {
    const { situation, pollingStart } = nextStep(this.situation, event, this.options);
    // Before the start, only track the state of the stream.
    if (this.started) this.transition(situation, pollingStart);
    else this.situation = { ...situation, mode: 'idle' };
  }

  private transition(next: PollSituation, pollingStart?: PollStep['pollingStart']): void {
    const before = this.situation.mode;
    this.situation = next;
    if (next.mode === before) return;
    clearTimeout(this.timer);
    if (next.mode === 'waiting') {
      this.setTimer(2 * this.options.fallbackPollIntervalMs, () => this.apply('waited'));
    }
    if (before === 'polling') this.stopPolling(next.refused);
    if (pollingStart !== undefined) this.startPolling(pollingStart);
  }

  private startPolling({ reason, firstPoll }: NonNullable<PollStep['pollingStart']>): void {
    const { fallbackPollIntervalMs, logger } = this.options;
    this.failureLogged = false;
    this.refusalLogged = false;
    const message = pollingStarted(reason, fallbackPollIntervalMs);
    // Without a stream, polling is the configured mode and no reason to warn.
    if (reason === 'no_stream') logger.info?.(message);
    else logger.warn(message);
    this.freezeWatch.start();
    this.schedule(fallbackPollIntervalMs);
    this.options.sink.changed({ type: 'polling', active: true });
    if (firstPoll === 'at_once' || this.stale()) void this.poll();
  }

  private stopPolling(refused: boolean): void {
    this.freezeWatch.stop();
    if (this.started) this.options.logger.info?.(pollingStopped(refused));
    this.options.sink.changed({ type: 'polling', active: false });
  }

  private async poll(): Promise<void> {
    // A poll from before the last start may still be running; its end schedules the next one.
    if (this.inFlight || !this.active) return;
    this.inFlight = true;
    const { stops } = this;
    clearTimeout(this.timer);
    let failure: { readonly reason: unknown } | undefined;
    try {
      await this.options.poll();
    } catch (reason) {
      failure = { reason };
    }
    this.inFlight = false;
    if (!this.active) return;
    if (failure === undefined) this.handleSuccess();
    else if (stops === this.stops) this.handleFailure(failure.reason);
    this.schedule(this.options.fallbackPollIntervalMs);
  }

  private handleSuccess(): void {
    if (this.failureLogged || this.refusalLogged) this.options.logger.info?.(pollRecovered);
    this.failureLogged = false;
    this.refusalLogged = false;
  }

  private handleFailure(reason: unknown): void {
    const { fallbackPollIntervalMs, keySource, logger } = this.options;
    const status = refusalStatus(reason);
    if (status !== undefined) {
      const message = pollRefused(status, fallbackPollIntervalMs, keySource);
      if (this.refusalLogged) logger.debug?.(message);
      else logger.error(message);
      this.refusalLogged = true;
    } else {
      const message = pollFailed(messageText(reason), fallbackPollIntervalMs);
      if (this.failureLogged) logger.debug?.(message);
      else logger.warn(message);
      this.failureLogged = true;
    }
  }

  private stale(): boolean {
    const ageMs = this.options.ageMs();
    return ageMs === undefined || ageMs > this.options.fallbackPollIntervalMs;
  }

  private schedule(waitMs: number): void {
    clearTimeout(this.timer);
    this.setTimer(waitMs, () => void this.poll());
  }

  private setTimer(waitMs: number, callback: () => void): void {
    this.timer = setTimeout(callback, Math.min(waitMs, MAX_TIMER_MS)).unref();
  }
}

function refusalStatus(reason: unknown): number | undefined {
  try {
    const { status } = reason as { status?: unknown };
    return isRefusal(status) ? (status as number) : undefined;
  } catch {
    // An overridden part rejected with nothing, or with a proxy that throws.
    return undefined;
  }
}
