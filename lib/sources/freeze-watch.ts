const CHECK_INTERVAL_MS = 5_000;
/** A check that is later than this was not merely delayed by work. */
const FROZEN_MS = 30_000;

/**
 * Detects that the process was frozen: stopped, or on a machine that slept. It compares wall clock times, because timers may
 * count only the time for which the process was awake.
 */
export class FreezeWatch {
  private timer: NodeJS.Timeout | undefined;
  private lastCheck = 0;

  /** @param onThaw receives how long the process was frozen, in ms */
  constructor(private readonly onThaw: (frozenMs: number) => void) {}

  start(): void {
    if (this.timer !== undefined) return;
    this.lastCheck = Date.now();
    this.timer = setInterval(() => this.check(), CHECK_INTERVAL_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private check(): void {
    const now = Date.now();
    const lateMs = now - this.lastCheck - CHECK_INTERVAL_MS;
    this.lastCheck = now;
    if (lateMs > FROZEN_MS) this.onThaw(lateMs);
  }
}
