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

/** Timers with a longer wait fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const REFUSALS: ReadonlySet<unknown> = new Set([401, 403, 404]);

export interface PollingFallbackOptions extends PollPolicy {
  /** From the end of one poll to the start of the next, in ms. The stream is waited for twice as long. */
  readonly fallbackPollIntervalMs: number;
  readonly logger: SourceLogger;
  /** One refresh. A rejection is a failed poll; its `status`, if it has one, is that of the answer. */
  poll(): Promise<void>;
  /** How long ago configs were last known to be current, in ms. */
  ageMs(): number | undefined;
  readonly sink: SourceSink;
}

/**
 * Polls for configs while the stream does not deliver: after a wait when the stream delivered before or has not answered
 * yet, at once when it failed without having ever delivered. Never while the stream is refused, unless that is asked for.
 *
 * @publicApi
 */
export class PollingFallbackService {
  private situation: PollSituation = { mode: 'idle', everDelivered: false, refused: false };
  /** Whether the connection of the stream has delivered. */
  private delivering = false;
  private started = false;
  private closed = false;
  private timer: NodeJS.Timeout | undefined;
  private inFlight = false;
  /** Grows with every stop: what a poll from before it came to is nobody's concern. */
  private stops = 0;
  /** What the log has told of since polling began, or since the last poll that succeeded. */
  private toldOfFailure = false;
  private toldOfRefusal = false;
  private readonly freezeWatch = new FreezeWatch(() => void this.poll());

  /** @internal The SDK creates its parts. */
  constructor(private readonly options: PollingFallbackOptions) {}

  /** Whether it polls at present. */
  get active(): boolean {
    return this.situation.mode === 'polling';
  }

  /** Begins to wait for the stream, or to poll when there is none; also again after `stop()`. */
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

  /** To be called when the refusal of the stream is lifted. */
  refusalLifted(): void {
    this.apply('refusal_lifted');
  }

  /** Stops waiting and polling until `start()`. A poll under way is not waited for. */
  stop(): void {
    this.stops++;
    this.started = false;
    this.move({ ...this.situation, mode: 'idle' });
  }

  /** Stops for good. No poll begins after this. */
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
    const { situation, engage } = nextStep(this.situation, event, this.options);
    // Before the start it only notes what is known of the stream.
    if (this.started) this.move(situation, engage);
    else this.situation = { ...situation, mode: 'idle' };
  }

  private move(next: PollSituation, engage?: PollStep['engage']): void {
    const before = this.situation.mode;
    this.situation = next;
    if (next.mode === before) return;
    clearTimeout(this.timer);
    if (next.mode === 'waiting') {
      this.setTimer(2 * this.options.fallbackPollIntervalMs, () => this.apply('waited'));
    }
    if (before === 'polling') this.disengage(next.refused);
    if (engage !== undefined) this.engage(engage);
  }

  private engage({ reason, firstPoll }: NonNullable<PollStep['engage']>): void {
    const { fallbackPollIntervalMs, logger } = this.options;
    this.toldOfFailure = false;
    this.toldOfRefusal = false;
    const text = pollingStarted(reason, fallbackPollIntervalMs);
    // Without a stream, polling is what was asked for and no fallback.
    if (reason === 'no_stream') logger.info?.(text);
    else logger.warn(text);
    this.freezeWatch.start();
    this.schedule(fallbackPollIntervalMs);
    this.options.sink.changed({ type: 'polling', active: true });
    if (firstPoll === 'at_once' || this.stale()) void this.poll();
  }

  private disengage(refused: boolean): void {
    this.freezeWatch.stop();
    if (this.started) this.options.logger.info?.(pollingStopped(refused));
    this.options.sink.changed({ type: 'polling', active: false });
  }

  private async poll(): Promise<void> {
    // The end of a poll from before polling last began schedules the next.
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
    if (failure === undefined) this.whenSucceeded();
    else if (stops === this.stops) this.whenFailed(failure.reason);
    this.schedule(this.options.fallbackPollIntervalMs);
  }

  private whenSucceeded(): void {
    if (this.toldOfFailure || this.toldOfRefusal) this.options.logger.info?.(pollRecovered);
    this.toldOfFailure = false;
    this.toldOfRefusal = false;
  }

  private whenFailed(reason: unknown): void {
    const { fallbackPollIntervalMs, logger } = this.options;
    const status = refusalStatus(reason);
    if (status !== undefined) {
      const text = pollRefused(status, fallbackPollIntervalMs);
      if (this.toldOfRefusal) logger.debug?.(text);
      else logger.error(text);
      this.toldOfRefusal = true;
    } else {
      const text = pollFailed(messageOf(reason), fallbackPollIntervalMs);
      if (this.toldOfFailure) logger.debug?.(text);
      else logger.warn(text);
      this.toldOfFailure = true;
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

  private setTimer(waitMs: number, due: () => void): void {
    this.timer = setTimeout(due, Math.min(waitMs, MAX_TIMER_MS)).unref();
  }
}

function refusalStatus(reason: unknown): number | undefined {
  const status = reason instanceof Error ? (reason as { status?: unknown }).status : undefined;
  return REFUSALS.has(status) ? (status as number) : undefined;
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
