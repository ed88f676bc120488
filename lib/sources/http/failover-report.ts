import { messageText } from '../../errors/message-text.js';
import type { SourceLogger } from '../source-logger.js';
import { primaryRecovered, secondaryTookOver } from './failover-report.messages.js';
import type { Leg } from '../source-sink.js';

/** Logs once that the secondary took over from a failing primary, and once that the primary recovered. */
export class FailoverReport {
  private failure: { readonly reason: unknown } | undefined;
  // With hedging, the secondary can succeed before the primary has failed.
  private secondarySucceeded = false;
  private logged = false;

  constructor(private readonly logger: SourceLogger) {}

  legFailed(leg: Leg, reason: unknown): void {
    if (leg === 'primary') this.failure = { reason };
    else this.secondarySucceeded = false;
    this.logTakeover();
  }

  legSucceeded(leg: Leg): void {
    if (leg === 'secondary') {
      this.secondarySucceeded = true;
      this.logTakeover();
      return;
    }
    if (this.logged) this.logger.info?.(primaryRecovered);
    this.failure = undefined;
    this.secondarySucceeded = false;
    this.logged = false;
  }

  private logTakeover(): void {
    if (this.logged || this.failure === undefined || !this.secondarySucceeded) return;
    this.logged = true;
    const { reason } = this.failure;
    this.logger.warn(secondaryTookOver(messageText(reason)));
  }
}
