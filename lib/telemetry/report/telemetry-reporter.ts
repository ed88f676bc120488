import { errorCode } from '../../requests/index.js';
import { type Batch, type BatchLimits, BatchQueue, type DropCause } from './batch-queue.js';
import type { PostResult, TelemetryEndpoint } from './telemetry-endpoint.js';
import { TelemetryLog, type TelemetryLogger } from './telemetry-log.js';
import type { WindowSource } from '../telemetry-window.js';

/** After a failure nothing is sent for so long, and for up to the other when the answer asks for it. */
const PAUSE_MS = 30_000;
const MAX_PAUSE_MS = 600_000;
/** `close()` waits no longer than this. */
const CLOSE_LIMIT_MS = 5_000;

export interface TelemetryReporterOptions extends BatchLimits {
  readonly window: WindowSource;
  readonly endpoint: TelemetryEndpoint;
  readonly logger: TelemetryLogger;
  readonly telemetryFlushIntervalMs: number;
  /** Limit of one request. */
  readonly telemetryTimeoutMs: number;
}

/**
 * Since the reporter was made.
 *
 * @publicApi
 */
export interface TelemetryCounters {
  /** Batches that were accepted. */
  readonly sent: number;
  /** Batches that wait to be sent again. */
  readonly retained: number;
  /** Size of those batches, in bytes. */
  readonly retainedBytes: number;
  /** Batches that were lost, by cause. */
  readonly dropped: Readonly<Record<DropCause, number>>;
  /** Status of the refusal that turned telemetry off. */
  readonly refusedWith: number | undefined;
  /** Whether `close()` has been called. */
  readonly closed: boolean;
}

const noDrops = (): Record<DropCause, number> => ({
  aged: 0,
  queue_full: 0,
  oversize: 0,
  rejected: 0,
  refused: 0,
});

/** Of a client without telemetry. */
export const NO_REPORTS: TelemetryCounters = {
  sent: 0,
  retained: 0,
  retainedBytes: 0,
  dropped: noDrops(),
  refusedWith: undefined,
  closed: false,
};

/**
 * Sends what was recorded, once a minute. A window is written once; what cannot be sent is kept as it is, within limits,
 * and sent again. Whatever happens here, nothing reaches the application but lines in its log.
 *
 * @publicApi
 */
export class TelemetryReporter {
  private readonly queue: BatchQueue;
  private readonly log: TelemetryLog;
  private sent = 0;
  private readonly drops = noDrops();
  private refusal: number | undefined;
  /** The batch of the tick under way, until it is sent for the first time: what `close()` cuts off is still sent once. */
  private untried: Batch | undefined;
  private pausedAt = 0;
  private pauseMs = 0;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  /** A flush whose tick has not begun yet. */
  private waiting: Promise<void> | undefined;
  private closing: Promise<void> | undefined;
  private readonly stopped = new AbortController();

  /** @internal The SDK creates its parts. */
  constructor(private readonly options: TelemetryReporterOptions) {
    this.log = new TelemetryLog(options.logger);
    this.queue = new BatchQueue(options, (cause) => this.dropped(cause));
  }

  /** Starts the reporting interval. */
  start(): void {
    if (this.timer !== undefined || this.isOver) return;
    this.timer = setInterval(() => void this.run(), this.options.telemetryFlushIntervalMs).unref();
  }

  /** Sends what there is now, and then nothing more until `start`. */
  async suspend(): Promise<void> {
    this.stopTimer();
    await this.flush();
  }

  /** Sends what there is, after a request under way, unless a pause is on. Never rejects. */
  flush(): Promise<void> {
    this.waiting ??= this.runNext();
    return this.waiting;
  }

  /** Sends what was recorded last, once; what waits to be sent again is given up. Idempotent, never rejects. */
  close(): Promise<void> {
    this.closing ??= this.end().catch((error: unknown) => {
      this.log.finalReportFailed(errorCode(error));
    });
    return this.closing;
  }

  /** A copy of the counters. */
  get counters(): TelemetryCounters {
    return {
      sent: this.sent,
      retained: this.queue.length,
      retainedBytes: this.queue.bytes,
      dropped: { ...this.drops },
      refusedWith: this.refusal,
      closed: this.stopped.signal.aborted,
    };
  }

  private get isOver(): boolean {
    return this.refusal !== undefined || this.stopped.signal.aborted;
  }

  /** Not the tick under way, which has taken its window already, but one after it. */
  private async runNext(): Promise<void> {
    do await this.running;
    while (this.running !== undefined);
    this.waiting = undefined;
    await this.run();
  }

  private run(): Promise<void> {
    this.running ??= this.tick()
      // The timer waits for nobody: nothing may be left to reject.
      .catch((error: unknown) => this.log.tickFailed(errorCode(error)))
      .finally(() => {
        this.running = undefined;
      });
    return this.running;
  }

  private async tick(): Promise<void> {
    if (this.isOver) return;
    this.queue.dropAged();
    // In either direction: a clock that is set back must not make a pause longer.
    if (Math.abs(Date.now() - this.pausedAt) < this.pauseMs) return;
    await this.closeWindow();
    await this.sendAll();
    if (this.stopped.signal.aborted) return;
    this.untried = undefined;
    this.queue.dropOversize();
  }

  private async closeWindow(): Promise<void> {
    const bytes = await this.takeWindow();
    if (bytes === undefined) return;
    this.untried = { bytes, madeAt: Date.now() };
    this.queue.add(this.untried);
  }

  private async takeWindow(): Promise<Uint8Array | undefined> {
    const { window } = this.options;
    try {
      return window.isEmpty ? undefined : await window.take();
    } catch (error) {
      this.log.windowLost(errorCode(error));
      return undefined;
    }
  }

  private async sendAll(): Promise<void> {
    const { endpoint, telemetryTimeoutMs } = this.options;
    for (let batch = this.queue.oldest; batch !== undefined; batch = this.queue.oldest) {
      if (this.isOver) return;
      if (batch === this.untried) this.untried = undefined;
      const result = await endpoint.post(batch.bytes, telemetryTimeoutMs, this.stopped.signal);
      // What a stop cut off says nothing of the server.
      if (this.stopped.signal.aborted) return;
      switch (result.verdict) {
        case 'accepted':
          this.queue.remove(batch);
          this.sent++;
          this.log.sent();
          break;
        case 'later':
          this.pause(batch, result);
          return;
        case 'refused':
          this.refuse(result.status!);
          return;
        case 'rejected':
          this.queue.drop(batch, 'rejected');
          this.log.rejectedWith(result.status!);
      }
    }
  }

  private pause(batch: Batch, { reason, retryAfterMs }: PostResult): void {
    this.pausedAt = Date.now();
    this.pauseMs = Math.min(Math.max(retryAfterMs, PAUSE_MS), MAX_PAUSE_MS);
    if (this.queue.isOversize(batch)) this.log.notKept(reason);
    else this.log.kept(reason, this.queue.fitting);
  }

  private refuse(status: number): void {
    this.refusal = status;
    this.stopTimer();
    this.queue.dropAll('refused');
    this.options.window.stop();
    this.log.refusedWith(status);
  }

  private dropped(cause: DropCause): void {
    this.drops[cause]++;
    if (cause === 'rejected' || cause === 'refused') return;
    this.log.lost(cause, this.queue.length);
  }

  private stopTimer(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async end(): Promise<void> {
    const begin = Date.now();
    const { window, endpoint } = this.options;
    this.stopTimer();
    this.stopped.abort();
    await this.running;
    if (this.refusal !== undefined) return;
    const last = (await this.takeWindow()) ?? this.untried?.bytes;
    window.stop();
    if (last === undefined) return;
    const limitMs = CLOSE_LIMIT_MS - (Date.now() - begin);
    const { verdict, reason } = await endpoint.post(last, limitMs, new AbortController().signal);
    if (verdict === 'accepted') this.sent++;
    else this.log.finalReportFailed(reason);
  }
}
