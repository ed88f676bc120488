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
