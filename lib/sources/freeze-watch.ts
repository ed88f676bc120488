const LOOK_MS = 5_000;
/** A look that comes later than this was not merely held up by work. */
const FROZEN_MS = 30_000;

/**
 * Notices that the process stood still: stopped, or the machine asleep. The wall clock shows it, since timers may count
 * only the time that the process was awake.
 */
export class FreezeWatch {
  private timer: NodeJS.Timeout | undefined;
  private lastLook = 0;

  /** @param woke told how long the process stood still, in ms */
  constructor(private readonly woke: (frozenMs: number) => void) {}

  start(): void {
    if (this.timer !== undefined) return;
    this.lastLook = Date.now();
    this.timer = setInterval(() => this.look(), LOOK_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private look(): void {
    const now = Date.now();
    const late = now - this.lastLook - LOOK_MS;
    this.lastLook = now;
    if (late > FROZEN_MS) this.woke(late);
  }
}
