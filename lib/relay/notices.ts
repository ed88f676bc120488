import { Logger } from '@nestjs/common';

const INTERVAL_MS = 60_000;

/** Counts what happens often, and logs at most one line per minute: the first time at once, then the sum. */
export class Notice {
  private count = 0;
  private timer: NodeJS.Timeout | undefined;
  private readonly logger = new Logger('QuonfigRelay');

  /** @param message returns the line for a number of occurrences */
  constructor(private readonly message: (count: number) => string) {}

  occurred(): void {
    this.count++;
    if (this.timer === undefined) this.log();
  }

  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private log(): void {
    this.timer = undefined;
    if (this.count === 0) return;
    this.logger.warn(this.message(this.count));
    this.count = 0;
    this.timer = setTimeout(() => this.log(), INTERVAL_MS).unref();
  }
}
