import { setImmediate } from 'node:timers/promises';
import {
  ClosedError,
  DeliveryHttpError,
  DeliveryNetworkError,
  InitializationTimeoutError,
  InvalidEnvelopeError,
  type LoadFailures,
  QuonfigError,
} from '../errors/index.js';
import { messageText } from '../errors/message-text.js';
import { cutName } from '../errors/quoted-name.js';
import { delay, isTransientStatus, reconnectDelay } from '../requests/index.js';
import type { SourceLogger } from '../sources/source-logger.js';
import {
  checkApi,
  firstLoadRetrying,
  noResponseYet,
  raiseInitTimeout,
} from './delivery.messages.js';
import { withinInitTimeout } from './init-policy.js';

export interface NetworkLoadOptions {
  /** Fetches once, from both APIs if need be. */
  refresh(): Promise<void>;
  /** The URLs of both APIs, as `failures` names them. */
  readonly urls: readonly string[];
  /** The last failure of each API in this load, by its URL. */
  readonly failures: ReadonlyMap<string, unknown>;
  readonly initTimeout: number;
  readonly random: () => number;
  readonly logger: SourceLogger;
}

/**
 * The first load over the network: fetches until an attempt succeeds or `initTimeout` passes, with the delays of the
 * stream between attempts. One blip of the network, a proxy or the service must not keep an application from starting.
 *
 * A failure at one API that a retry can mend is enough for another attempt, even if the other API refuses the key: the first
 * one may recover and accept it.
 */
export class NetworkLoad {
  private attempts = 0;
  private readonly closed = new AbortController();

  constructor(private readonly options: NetworkLoadOptions) {}

  /**
   * @param ms time until the deadline: what is left of `initTimeout`
   * @throws {InitializationTimeoutError} `initialization_timeout`: with the attempts and the last failure of each API
   * @throws what the attempt failed with, immediately, if no retry can mend it, such as a refusal (401, 403, 404) at every API
   */
  async run(ms: number): Promise<void> {
    this.attempts = 0;
    const { initTimeout } = this.options;
    await withinInitTimeout((signal) => this.loadUntil(signal), ms, {
      signal: this.closed.signal,
      expired: () => new InitializationTimeoutError(initTimeout, this.report(), this.cause()),
    });
  }

  /** Ends a load in progress: it rejects with `ClosedError`. */
  close(): void {
    this.closed.abort(new ClosedError());
  }

  /** The signal ends the retries. A request in progress continues: its response may still be installed. */
  private async loadUntil(signal: AbortSignal): Promise<void> {
    const { failures, random, logger } = this.options;
    // Yields between construction and the first request, so start-up does not block the event loop.
    await setImmediate();
    for (let failed = 0; ; failed++) {
      this.attempts++;
      try {
        await this.options.refresh();
        return;
      } catch (error) {
        signal.throwIfAborted();
        const causes = [...failures.values()];
        if (error instanceof ClosedError || !causes.some(isTransient)) throw error;
        if (failed === 0) logger.warn(firstLoadRetrying(this.report()));
        await delay(reconnectDelay(failed, random, retryAfterOf(causes)), signal);
      }
    }
  }

  private report(): LoadFailures {
    const { urls, failures } = this.options;
    const causes = urls.map((url) => ({ url, ...described(failures.get(url)) }));
    return { attempts: this.attempts, causes };
  }

  private cause(): ErrorOptions {
    const { urls, failures } = this.options;
    const errors = urls.flatMap((url) => (failures.has(url) ? [failures.get(url)] : []));
    if (errors.length === 0) return {};
    return { cause: errors.length === 1 ? errors[0] : new AggregateError(errors) };
  }
}

/** Whether another attempt may succeed. */
function isTransient(error: unknown): boolean {
  if (error instanceof DeliveryHttpError) return isTransientStatus(error.status);
  // A proxy that is starting up responds with pages of its own.
  return error instanceof DeliveryNetworkError || error instanceof InvalidEnvelopeError;
}

/** The shortest delay that any API asked for: a response from one of them is enough. */
function retryAfterOf(errors: readonly unknown[]): number {
  const delays = errors.map((error) =>
    error instanceof DeliveryHttpError ? error.retryAfterMs : 0,
  );
  return Math.min(...delays);
}

/** Describes the last failure of an API; `undefined` if it has not responded yet. */
function described(failure: unknown): { reason: string; remedies: readonly string[] } {
  if (failure === undefined) return { reason: noResponseYet, remedies: [raiseInitTimeout] };
  const { reason = messageText(failure), remedy = checkApi } =
    failure instanceof QuonfigError ? (failure as { reason?: string; remedy?: string }) : {};
  const timedOut = failure instanceof DeliveryNetworkError && /time(d |_|)out/i.test(reason);
  const remedies = timedOut ? [remedy, raiseInitTimeout] : [remedy];
  return { reason: cutName(reason.replace(/\.$/, '')), remedies };
}
