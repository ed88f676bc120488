import type { DropCause } from './batch-queue.js';
import {
  batchDropped,
  batchesDropped,
  batchKept,
  batchRejected,
  telemetryRecovered,
  telemetryRefused,
} from './telemetry.messages.js';

/** While batches go on being dropped or rejected, that is said so often. */
const AGAIN_AFTER_MS = 600_000;

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
  private dropped = 0;
  private warnedAt: number | undefined;
  private rejected = 0;
  private complainedAt: number | undefined;

  constructor(private readonly logger: TelemetryLogger) {}

  kept(reason: string, depth: number): void {
    this.failing = true;
    this.lastReason = reason;
    this.logger.debug(batchKept(reason, depth));
  }

  /** A batch was dropped because it could not be sent for too long, or because there was no room for it. */
  lost(cause: DropCause, depth: number): void {
    this.dropped++;
    if (!isDue(this.warnedAt)) {
      this.logger.debug(batchDropped(cause, depth));
      return;
    }
    this.warnedAt = Date.now();
    this.logger.warn(batchesDropped(this.dropped, this.lastReason, depth));
    this.dropped = 0;
  }

  rejectedWith(status: number): void {
    this.rejected++;
    if (!isDue(this.complainedAt)) return;
    this.complainedAt = Date.now();
    this.logger.error(batchRejected(status, this.rejected));
    this.rejected = 0;
  }

  refusedWith(status: number): void {
    this.logger.error(telemetryRefused(status));
  }

  /** A batch was sent: what failed before is over. */
  sent(): void {
    if (!this.failing) return;
    this.failing = false;
    this.dropped = 0;
    this.warnedAt = undefined;
    this.logger.info(telemetryRecovered());
  }
}

function isDue(lastAt: number | undefined): boolean {
  return lastAt === undefined || Math.abs(Date.now() - lastAt) >= AGAIN_AFTER_MS;
}
