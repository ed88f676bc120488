import { errorCode } from '../../requests/index.js';
import { type Batch, type BatchLimits, BatchQueue, type DropCause } from './batch-queue.js';
import type { PostResult, TelemetryEndpoint } from './telemetry-endpoint.js';
import { TelemetryLog, type TelemetryLogger } from './telemetry-log.js';
import type { WindowSource } from '../telemetry-window.js';

/** Delay after a failure. The response can ask for a longer one, up to the maximum. */
const PAUSE_MS = 30_000;
const MAX_PAUSE_MS = 600_000;
/** Deadline of `close()`. */
const CLOSE_DEADLINE_MS = 5_000;

export interface TelemetryReporterOptions extends BatchLimits {
  readonly window: WindowSource;
  readonly endpoint: TelemetryEndpoint;
  readonly logger: TelemetryLogger;
  /** Where the SDK key comes from, for messages, e.g. `the option sdkKey`. */
  readonly keySource: string;
  readonly telemetryFlushIntervalMs: number;
  /** Deadline of one request. */
  readonly telemetryTimeoutMs: number;
}

/**
 * Counters since the reporter was created.
 *
 * @publicApi
 */
export interface TelemetryCounters {
  /** Accepted batches. */
  readonly sent: number;
  /** Batches waiting for a retry. */
  readonly retained: number;
  /** Size of those batches, in bytes. */
  readonly retainedBytes: number;
  /** Dropped batches, by cause. */
  readonly dropped: Readonly<Record<DropCause, number>>;
  /** Status of the refusal that turned telemetry off. */
  readonly refusedWith: number | undefined;
  /** Whether reports are sent at intervals: started, and not suspended since. */
  readonly running: boolean;
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

/** The counters of a service without telemetry. */
export const NO_REPORTS: TelemetryCounters = {
  sent: 0,
  retained: 0,
  retainedBytes: 0,
  dropped: noDrops(),
  refusedWith: undefined,
  running: false,
  closed: false,
};

/**
 * Sends the recorded telemetry once a minute. Each window is serialized once. A batch that cannot be sent is retained
 * within bounds and retried. Failures never reach the application; they are logged.
 *
 * @publicApi
 */
export class TelemetryReporter {
  private readonly queue: BatchQueue;
  private readonly log: TelemetryLog;
  private sent = 0;
  private readonly drops = noDrops();
  private refusal: number | undefined;
  /** The batch of the current cycle until its first attempt. If `close()` aborts the cycle, it is still sent once. */
  #untried: Batch | undefined;
  private pausedAt = 0;
  private pauseMs = 0;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  /** A flush whose cycle has not started yet. */
  private pendingFlush: Promise<void> | undefined;
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

  /** Sends the recorded telemetry, then nothing more until `start()`. */
  async suspend(): Promise<void> {
    this.stopTimer();
    await this.flush();
  }

  /** Sends the recorded telemetry after the current request, unless a pause is in effect. Never rejects. */
  flush(): Promise<void> {
    this.pendingFlush ??= this.runNext();
    return this.pendingFlush;
  }

  /** Sends the last window once and abandons batches waiting for a retry. Idempotent; never rejects. */
  close(): Promise<void> {
    this.closing ??= this.sendFinalReport().catch((error: unknown) => {
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
      running: this.timer !== undefined,
      closed: this.stopped.signal.aborted,
    };
  }

  private get isOver(): boolean {
    return this.refusal !== undefined || this.stopped.signal.aborted;
  }

  /** Starts a cycle after the current one, which has already taken its window. */
  private async runNext(): Promise<void> {
    do await this.running;
    while (this.running !== undefined);
    this.pendingFlush = undefined;
    await this.run();
  }

  private run(): Promise<void> {
    this.running ??= this.runCycle()
      // The timer awaits nothing, so a rejection would be unhandled.
      .catch((error: unknown) => this.log.cycleFailed(errorCode(error)))
      .finally(() => {
        this.running = undefined;
      });
    return this.running;
  }

  private async runCycle(): Promise<void> {
    if (this.isOver) return;
    this.queue.dropAged();
    // The difference counts in both directions: a clock set back must not extend a pause.
    if (Math.abs(Date.now() - this.pausedAt) < this.pauseMs) return;
    await this.closeWindow();
    await this.sendAll();
    if (this.stopped.signal.aborted) return;
    this.#untried = undefined;
    this.queue.dropOversize();
  }

  private async closeWindow(): Promise<void> {
    const bytes = await this.takeWindow();
    if (bytes === undefined) return;
    this.#untried = { bytes, createdAt: Date.now() };
    this.queue.add(this.#untried);
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
    for (let batch = this.queue.oldest(); batch !== undefined; batch = this.queue.oldest()) {
      if (this.isOver) return;
      if (batch === this.#untried) this.#untried = undefined;
      const result = await endpoint.post(batch.bytes, telemetryTimeoutMs, this.stopped.signal);
      // An aborted request says nothing about the server.
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
          this.log.rejected(result.status!);
      }
    }
  }

  private pause(batch: Batch, { reason, retryAfterMs }: PostResult): void {
    this.pausedAt = Date.now();
    this.pauseMs = Math.min(Math.max(retryAfterMs, PAUSE_MS), MAX_PAUSE_MS);
    if (this.queue.isOversize(batch)) this.log.notRetained(reason);
    else this.log.retained(reason, this.queue.retainableCount);
  }

  private refuse(status: number): void {
    this.refusal = status;
    this.stopTimer();
    this.queue.dropAll('refused');
    this.options.window.stop();
    this.log.refused(status, this.options.keySource);
  }

  private dropped(cause: DropCause): void {
    this.drops[cause]++;
    if (cause === 'rejected' || cause === 'refused') return;
    this.log.dropped(cause, this.queue.length);
  }

  private stopTimer(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async sendFinalReport(): Promise<void> {
    const startedAt = Date.now();
    const { window, endpoint } = this.options;
    this.stopTimer();
    this.stopped.abort();
    await this.running;
    if (this.refusal !== undefined) return;
    const last = (await this.takeWindow()) ?? this.#untried?.bytes;
    window.stop();
    if (last === undefined) return;
    const deadlineMs = CLOSE_DEADLINE_MS - (Date.now() - startedAt);
    const { verdict, reason } = await endpoint.post(last, deadlineMs, new AbortController().signal);
    if (verdict === 'accepted') this.sent++;
    else this.log.finalReportFailed(reason);
  }
}
