/** The longest that a burst of changes can postpone a reload, in ms. */
const MAX_WAIT_MS = 2_000;
/** The watcher reports changes of one file at least 50 ms apart; a shorter quiet period could miss the second of two. */
const MIN_QUIET_MS = 60;

/**
 * Debounces changes into reloads: one when the changes pause, and only one at a time. A change during a reload causes
 * another.
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
    private readonly onError: (error: unknown) => void,
  ) {
    this.quietMs = Math.max(quietMs, MIN_QUIET_MS);
  }

  /** Schedules a reload after a change. */
  request(): void {
    if (this.cancelled) return;
    const now = performance.now();
    this.burstStart ??= now;
    const wait = Math.min(this.quietMs, this.burstStart + MAX_WAIT_MS - now);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.run(), Math.max(wait, 0)).unref();
  }

  /** Prevents any further reload; a running one continues. */
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
        if (!this.cancelled) this.onError(error);
      }
    }
    this.reloading = false;
  }
}
