import { callbackFailed } from './callback.messages.js';

/** Calls what applications hand in. Whatever it throws or rejects with is logged, counted, and spreads no further. */
export class CallbackRunner {
  private failures = 0;

  /** @internal The SDK creates its parts. */
  constructor(private readonly logger: { error(message: string): void }) {}

  get errorCount(): number {
    return this.failures;
  }

  /** @param name how messages call the callback, e.g. `CatsService.onUpdate` */
  run(name: string, callback: () => unknown): void {
    try {
      const result = callback();
      if (isThenable(result)) result.then(undefined, (error: unknown) => this.failed(name, error));
    } catch (error) {
      this.failed(name, error);
    }
  }

  private failed(name: string, error: unknown): void {
    this.failures++;
    this.logger.error(callbackFailed(name, error));
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}
