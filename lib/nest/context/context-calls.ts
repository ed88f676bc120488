import type { ContextFactory, ContextSource, SdkLogger } from '../../interfaces/index.js';
import type { Contexts } from '../../model/index.js';
import { contextFailed, contextInvalid } from './context.messages.js';

/** How often a failing function is reported, in ms. */
const REPORT_INTERVAL_MS = 60_000;

/** What the option `context` returned: contexts, or the promise of them. */
export interface ContextResult {
  readonly contexts: Contexts | undefined;
  /** Never rejects. */
  readonly pending: Promise<Contexts | undefined> | undefined;
}

const NONE: ContextResult = { contexts: undefined, pending: undefined };

/** Calls the option `context`. Never throws, whatever it returns. */
export class ContextCalls {
  private reportedAt = -Infinity;
  private unreported = 0;

  constructor(
    private readonly factory: ContextFactory,
    private readonly logger: Pick<SdkLogger, 'warn'>,
  ) {}

  /** Calls the function for a read. */
  call(source: ContextSource): ContextResult {
    return this.attempt(source, (message) => this.report(message));
  }

  /**
   * Calls the function before guards, to find out whether it returns a promise. A failure is not reported: the function may
   * need the user whom a guard is about to authenticate. It fails again at a read if it must.
   */
  probe(source: ContextSource): ContextResult {
    return this.attempt(source, () => undefined);
  }

  /** Logs a warning once a minute, with the number of those in between. */
  report(message: string): void {
    const now = performance.now();
    if (now - this.reportedAt < REPORT_INTERVAL_MS) {
      this.unreported++;
      return;
    }
    const more = this.unreported === 0 ? '' : ` (${this.unreported} more since the last warning)`;
    this.reportedAt = now;
    this.unreported = 0;
    this.logger.warn(message + more);
  }

  private attempt(source: ContextSource, fail: (message: string) => void): ContextResult {
    try {
      const result = this.factory(source);
      if (isPromise(result)) return { contexts: undefined, pending: this.settled(result, source) };
      return { contexts: checked(result, source, fail), pending: undefined };
    } catch (error) {
      fail(contextFailed(transportOf(source), error));
      return NONE;
    }
  }

  private async settled(
    result: PromiseLike<Contexts | undefined>,
    source: ContextSource,
  ): Promise<Contexts | undefined> {
    try {
      return checked(await result, source, (message) => this.report(message));
    } catch (error) {
      this.report(contextFailed(transportOf(source), error));
      return undefined;
    }
  }
}

function checked(
  result: unknown,
  source: ContextSource,
  fail: (message: string) => void,
): Contexts | undefined {
  if (typeof result === 'object' && result !== null) return result as Contexts;
  if (result !== undefined && result !== null) fail(contextInvalid(transportOf(source)));
  return undefined;
}

/** What messages call the transport of a request. */
export function transportOf(source: ContextSource): string {
  return source.type === 'other' ? source.transport : source.type;
}

export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
