import { callbackFailed } from './callback.messages.js';

/**
 * Calls handlers and callbacks of the application. An error or rejection is logged and counted, and affects nothing else.
 *
 * @publicApi
 */
export class CallbackRunner {
  private failures = 0;

  /** @internal The SDK creates its parts. */
  constructor(private readonly logger: { error(message: string): void }) {}

  /** Number of calls that threw or rejected. */
  get errorCount(): number {
    return this.failures;
  }

  /**
   * Calls a callback; never throws.
   *
   * @param name identifies the callback in log messages, e.g. `CatsService.onUpdate`
   * @param callback called once, immediately; may be async
   * @param describe returns the log message of a failure
   */
  run(name: string, callback: () => unknown, describe = callbackFailed): void {
    const failed = (error: unknown): void => {
      this.failures++;
      this.logger.error(describe(name, error));
    };
    try {
      const result = callback();
      if (isThenable(result)) result.then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}
