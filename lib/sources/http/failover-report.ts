import type { SourceLogger } from '../source-logger.js';
import { primaryRecovered, secondaryTookOver } from './failover-report.messages.js';
import type { Leg } from '../source-sink.js';

/** Says once that the secondary answers for a failing primary, and once that the primary is back. */
export class FailoverReport {
  private failure: { readonly reason: unknown } | undefined;
  // With the hedge the secondary can answer before the primary has failed.
  private secondaryAnswered = false;
  private told = false;

  constructor(private readonly logger: SourceLogger) {}

  failed(leg: Leg, reason: unknown): void {
    if (leg === 'primary') this.failure = { reason };
    else this.secondaryAnswered = false;
    this.tell();
  }

  answered(leg: Leg): void {
    if (leg === 'secondary') {
      this.secondaryAnswered = true;
      this.tell();
      return;
    }
    if (this.told) this.logger.info?.(primaryRecovered);
    this.failure = undefined;
    this.secondaryAnswered = false;
    this.told = false;
  }

  private tell(): void {
    if (this.told || this.failure === undefined || !this.secondaryAnswered) return;
    this.told = true;
    const { reason } = this.failure;
    this.logger.warn(secondaryTookOver(reason instanceof Error ? reason.message : String(reason)));
  }
}
