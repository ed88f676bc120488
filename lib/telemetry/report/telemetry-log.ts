import type { DropCause } from './batch-queue.js';
import {
  batchDropped,
  batchesDropped,
  batchKept,
  batchNotKept,
  batchRejected,
  finalReportFailed,
  telemetryRecovered,
  telemetryRefused,
  tickFailed,
  windowLost,
} from '../telemetry.messages.js';

export interface TelemetryLogger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** Says what becomes of telemetry: aloud only when it is lost, and when that changes. */
export class TelemetryLog {
  private lastReason = '';
  private failing = false;
  private readonly drops = new RepeatedLine();
  private readonly rejections = new RepeatedLine();
  private readonly lostWindows = new RepeatedLine();
  private readonly failedTicks = new RepeatedLine();

  constructor(private readonly logger: TelemetryLogger) {}

  /** @param depth how many batches are kept now */
  kept(reason: string, depth: number): void {
    this.failed(reason);
    this.logger.debug(batchKept(reason, depth));
  }

  /** A batch could not be sent, and is too large to be kept. */
  notKept(reason: string): void {
    this.failed(reason);
    this.logger.debug(batchNotKept(reason));
  }

  /** A batch was dropped because it could not be sent for too long, or because there was no room for it. */
  lost(cause: DropCause, depth: number): void {
    const count = this.drops.next();
    if (count === undefined) this.logger.debug(batchDropped(cause, depth));
    else this.logger.warn(batchesDropped(count, this.lastReason, depth));
  }

  rejectedWith(status: number): void {
    const count = this.rejections.next();
    if (count !== undefined) this.logger.error(batchRejected(status, count));
  }

  refusedWith(status: number): void {
    this.logger.error(telemetryRefused(status));
  }

  /** A batch was sent: what failed before is over. */
  sent(): void {
    if (!this.failing) return;
    this.failing = false;
    this.drops.end();
    this.logger.info(telemetryRecovered());
  }

  windowLost(reason: string): void {
    this.warn(this.lostWindows, windowLost(reason));
  }

  tickFailed(reason: string): void {
    this.warn(this.failedTicks, tickFailed(reason));
  }

  finalReportFailed(reason: string): void {
    this.logger.debug(finalReportFailed(reason));
  }

  private failed(reason: string): void {
    this.failing = true;
    this.lastReason = reason;
  }

  private warn(line: RepeatedLine, message: string): void {
    if (line.next() === undefined) this.logger.debug(message);
    else this.logger.warn(message);
  }
}

/** While something goes on, it is said so often. */
const AGAIN_AFTER_MS = 600_000;

/** Decides when something that goes on and on is said aloud: at once, and then once in ten minutes, with the number. */
export class RepeatedLine {
  private count = 0;
  private saidAt: number | undefined;

  /** It happened once more. Gives how often it has happened since it was last said when it is to be said now. */
  next(): number | undefined {
    this.count++;
    const { count, saidAt } = this;
    // In either direction: a clock that is set back must not make the silence longer.
    if (saidAt !== undefined && Math.abs(Date.now() - saidAt) < AGAIN_AFTER_MS) return undefined;
    this.saidAt = Date.now();
    this.count = 0;
    return count;
  }

  /** It is over: the next time is the first again. */
  end(): void {
    this.count = 0;
    this.saidAt = undefined;
  }
}
