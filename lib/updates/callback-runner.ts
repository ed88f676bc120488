import { callbackFailed } from './callback.messages.js';

/**
 * A handler or callback of the application.
 *
 * @publicApi
 */
export interface QuonfigCallback {
  /** What log messages call it, e.g. `CatsService.onUpdate`. */
  readonly name: string;
  /** Keys and patterns that an `@OnQuonfigUpdate` handler names; empty if it is notified about every update. */
  readonly keys?: readonly string[];
  /** Number of calls that threw or rejected. */
  readonly failures: number;
  /** When the last of them failed. */
  readonly lastFailedAt?: Date;
}

/** Bounds memory where names contain keys that come from users, as those of Observables may. */
const MAX_NAMES = 500;

/**
 * Calls handlers and callbacks of the application. An error or rejection is logged and counted, and affects nothing else.
 *
 * @publicApi
 */
export class CallbackRunner {
  private failures = 0;
  private readonly known = new Map<string, QuonfigCallback>();

  /** @internal The SDK creates its parts. */
  constructor(private readonly logger: { error(message: string): void }) {}

  /** Number of calls that threw or rejected. */
  get errorCount(): number {
    return this.failures;
  }

  /** The registered handlers, and other callbacks that have failed; 500 at most. */
  get callbacks(): readonly QuonfigCallback[] {
    return [...this.known.values()];
  }

  /** @internal Lists a handler before it is called for the first time. */
  register(name: string, keys: readonly string[]): void {
    this.remember({ failures: 0, ...this.known.get(name), name, keys });
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
      const { failures, ...rest } = this.known.get(name) ?? { name, failures: 0 };
      this.remember({ ...rest, failures: failures + 1, lastFailedAt: new Date() });
      this.logger.error(describe(name, error));
    };
    try {
      const result = callback();
      if (isThenable(result)) result.then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  }

  private remember(callback: QuonfigCallback): void {
    if (this.known.has(callback.name) || this.known.size < MAX_NAMES) {
      this.known.set(callback.name, callback);
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
