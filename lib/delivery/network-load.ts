import { setImmediate } from 'node:timers/promises';
import {
  ClosedError,
  DeliveryHttpError,
  DeliveryNetworkError,
  InvalidEnvelopeError,
  type LoadFailures,
} from '../errors/index.js';
import { isTransientStatus } from '../errors/transient-status.js';
import { untilAborted } from '../requests/index.js';
import type { SourceLogger } from '../sources/source-logger.js';
import { reconnectDelay } from '../sources/stream/reconnect-delay.js';
import { firstLoadRetrying, noResponseYet } from './delivery.messages.js';
import { withinInitTimeout } from './init-policy.js';

export interface NetworkLoadOptions {
  /** Fetches once, from both APIs if need be. */
  refresh(): Promise<void>;
  /** The URLs of both APIs, as `failures` names them. */
  readonly urls: readonly string[];
  /** The last failure of each API, by its URL. */
  readonly failures: ReadonlyMap<string, unknown>;
  readonly initTimeout: number;
  readonly random: () => number;
  readonly logger: SourceLogger;
}

/**
 * The first load over the network: fetches until an attempt succeeds or `initTimeout` passes, with the delays of the
 * stream between attempts. One blip of the network, a proxy or the service must not keep an application from starting.
 */
export class NetworkLoad {
  private attempts = 0;
  private readonly closed = new AbortController();

  constructor(private readonly options: NetworkLoadOptions) {}

  /**
   * @throws {InitializationTimeoutError} `initialization_timeout`: with the attempts and the last failure of each API
   * @throws whatever an attempt fails with that a retry cannot mend, such as a refusal (401, 403, 404), immediately
   */
  async run(): Promise<void> {
    this.attempts = 0;
    const { initTimeout } = this.options;
    await withinInitTimeout((signal) => this.loadUntil(signal), initTimeout, {
      signal: this.closed.signal,
      failures: () => this.report(),
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
        await delay(reconnectDelay(failed, random(), retryAfterOf(causes)), signal);
      }
    }
  }

  private report(): LoadFailures {
    const { urls, failures } = this.options;
    const causes = urls.map((url) => ({ url, reason: reasonOf(failures.get(url)) }));
    return { attempts: this.attempts, causes };
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

function reasonOf(failure: unknown): string {
  if (failure instanceof DeliveryHttpError || failure instanceof DeliveryNetworkError) {
    return failure.reason;
  }
  return failure instanceof Error ? failure.message : noResponseYet;
}

async function delay(ms: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms).unref();
  });
  try {
    await untilAborted(signal, over);
  } finally {
    clearTimeout(timer);
  }
}
