/** The longest that a burst of changes can put a reload off, in ms. */
const MAX_WAIT_MS = 2_000;
/** Watching reports changes of one file no closer than 50 ms; a shorter quiet time could miss the second of two. */
const MIN_QUIET_MS = 60;

/**
 * Turns bursts of changes into reloads: one when the changes pause, and at most one at a time. A change during a reload
 * causes another.
 */
export class ReloadSchedule {
  private readonly quietMs: number;
  private timer: NodeJS.Timeout | undefined;
  private burstStart: number | undefined;
  private reloading = false;
  private due = false;
  private cancelled = false;

  constructor(
    quietMs: number,
    private readonly reload: () => Promise<void>,
    private readonly failed: (error: unknown) => void,
  ) {
    this.quietMs = Math.max(quietMs, MIN_QUIET_MS);
  }

  /** Something changed. */
  request(): void {
    if (this.cancelled) return;
    const now = performance.now();
    this.burstStart ??= now;
    const wait = Math.min(this.quietMs, this.burstStart + MAX_WAIT_MS - now);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.run(), Math.max(wait, 0)).unref();
  }

  /** No reload begins after this. */
  cancel(): void {
    this.cancelled = true;
    clearTimeout(this.timer);
  }

  private async run(): Promise<void> {
    this.burstStart = undefined;
    this.due = true;
    if (this.reloading) return;
    this.reloading = true;
    while (this.due && !this.cancelled) {
      this.due = false;
      try {
        await this.reload();
      } catch (error) {
        if (!this.cancelled) this.failed(error);
      }
    }
    this.reloading = false;
  }
}
