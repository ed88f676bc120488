const INTERVAL_MS = 60_000;

/** Lets one error pass per minute: a broken processor of the OpenTelemetry SDK fails with every read, and each error is logged. */
export class ErrorLimit {
  private passedAt = -Infinity;

  /** @throws what the action throws, unless that happened in the last minute */
  run(action: () => void): void {
    try {
      action();
    } catch (error) {
      const now = performance.now();
      if (now - this.passedAt < INTERVAL_MS) return;
      this.passedAt = now;
      throw error;
    }
  }
}
