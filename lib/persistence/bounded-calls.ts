import { withDeadline } from '../requests/index.js';
import { storeStillBusy, storeTimedOut } from './persistence.messages.js';

/** A call that took too long. */
export class StoreTimeoutError extends Error {}

/**
 * Bounds the time of calls. While one that timed out is still running, others wait for it: calls that pile up would occupy the
 * threads of the file system, or memory in the queue of a client that is disconnected.
 */
export class BoundedCalls {
  /** Resolves when all calls that timed out have ended. */
  private overdue: Promise<void> = Promise.resolve();

  /**
   * @param ms how long the call may take, the wait for an earlier one included
   * @throws what the call throws
   * @throws {StoreTimeoutError} if it takes too long
   */
  async run<T>(ms: number, call: () => Promise<T>): Promise<T> {
    let running: Promise<T> | undefined;
    const expired = (): Error => {
      if (running === undefined) return new StoreTimeoutError(storeStillBusy);
      // Without the results, which may be large.
      this.overdue = Promise.allSettled([this.overdue, running]).then(() => undefined);
      return new StoreTimeoutError(storeTimedOut(ms));
    };
    return withDeadline({ ms, expired }, async (signal) => {
      await this.overdue;
      signal.throwIfAborted();
      running = call();
      return running;
    });
  }
}
