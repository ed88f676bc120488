import type { DropCause } from './batch-queue.js';
import {
  batchDropped,
  batchesDropped,
  batchNotRetained,
  batchRejected,
  batchRetained,
  cycleFailed,
  finalReportFailed,
  telemetryRecovered,
  telemetryRefused,
  windowLost,
} from '../telemetry.messages.js';

export interface TelemetryLogger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** Logs the state of telemetry. Only losses and recoveries are logged above debug level. */
export class TelemetryLog {
  private lastReason = '';
  private failing = false;
  private readonly drops = new LogThrottle();
  private readonly rejections = new LogThrottle();
  private readonly lostWindows = new LogThrottle();
  private readonly failedCycles = new LogThrottle();

  constructor(private readonly logger: TelemetryLogger) {}

  /** @param depth number of batches now retained */
  retained(reason: string, depth: number): void {
    this.failed(reason);
    this.logger.debug(batchRetained(reason, depth));
  }

  /** A batch could not be sent and is too large to retain. */
  notRetained(reason: string): void {
    this.failed(reason);
    this.logger.debug(batchNotRetained(reason));
  }

  /** A batch was dropped because it was too old, or because there was no room for it. */
  dropped(cause: DropCause, depth: number): void {
    const count = this.drops.countOccurrence();
    if (count === undefined) this.logger.debug(batchDropped(cause, depth));
    else this.logger.warn(batchesDropped(count, this.lastReason, depth));
  }

  rejected(status: number): void {
    const count = this.rejections.countOccurrence();
    if (count !== undefined) this.logger.error(batchRejected(status, count));
  }

  refused(status: number, keySource: string): void {
    this.logger.error(telemetryRefused(status, keySource));
  }

  /** A batch was sent, which ends an outage. */
  sent(): void {
    if (!this.failing) return;
    this.failing = false;
    this.drops.reset();
    this.logger.info(telemetryRecovered());
  }

  windowLost(reason: string): void {
    this.warn(this.lostWindows, windowLost(reason));
  }

  cycleFailed(reason: string): void {
    this.warn(this.failedCycles, cycleFailed(reason));
  }

  finalReportFailed(reason: string): void {
    this.logger.debug(finalReportFailed(reason));
  }

  private failed(reason: string): void {
    this.failing = true;
    this.lastReason = reason;
  }

  private warn(throttle: LogThrottle, message: string): void {
    if (throttle.countOccurrence() === undefined) this.logger.debug(message);
    else this.logger.warn(message);
  }
}

/** How often an ongoing problem is logged. */
const REPEAT_AFTER_MS = 600_000;

/** Limits the log line of an ongoing problem: at once, then once in ten minutes with the number of occurrences. */
export class LogThrottle {
  private count = 0;
  private loggedAt: number | undefined;

  /** Counts an occurrence. Returns the number since the last log line if a line is due now. */
  countOccurrence(): number | undefined {
    this.count++;
    const { count, loggedAt } = this;
    // The difference counts in both directions: a clock set back must not extend the silence.
    if (loggedAt !== undefined && Math.abs(Date.now() - loggedAt) < REPEAT_AFTER_MS)
      return undefined;
    this.loggedAt = Date.now();
    this.count = 0;
    return count;
  }

  /** Ends the problem: the next occurrence is logged at once. */
  reset(): void {
    this.count = 0;
    this.loggedAt = undefined;
  }
}
