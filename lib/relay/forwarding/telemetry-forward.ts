import type { IncomingMessage } from 'node:http';
import { Logger } from '@nestjs/common';
import { boundedBody, discardRest, UnreadableBody } from './bounded-body.js';
import { MemoryBudget } from './memory-budget.js';
import type { TelemetrySettings } from './telemetry-options.js';
import { forwardFailed, forwardRecovered, forwardRefused } from './telemetry.messages.js';

export interface ForwardResult {
  readonly status: number;
  readonly retryAfter?: string;
}

/** Larger than the reports of any SDK, which keep at most 2 MiB. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** How long a report may take to arrive, in ms. */
const BODY_TIMEOUT_MS = 10_000;
/** How many reports are sent to the service at once. SDKs send others again later. */
const MAX_IN_FLIGHT = 32;
/** Bounds the memory of all reports that arrive or are sent. */
const MAX_MEMORY_BYTES = 128 * 1024 * 1024;
/** What each costs before it has a byte, most of it for its decoder. */
const MIN_MEMORY_BYTES = 128 * 1024;
const TIMEOUT_MS = 15_000;
const RETRY_SECONDS = '60';

/** Sends the telemetry of clients to the telemetry service, with the key of the relay and the bytes of the client. */
export class TelemetryForward {
  private readonly logger = new Logger('QuonfigRelay');
  private readonly abort = new AbortController();
  private readonly memory = new MemoryBudget(MAX_MEMORY_BYTES);
  private inFlight = 0;
  private failing = false;

  constructor(private readonly settings: TelemetrySettings) {}

  /** Forwards a report. Returns the response for the client, which keeps its report if the service cannot take it now. */
  async forward(request: IncomingMessage): Promise<ForwardResult> {
    if (this.inFlight >= MAX_IN_FLIGHT) return later(503);
    if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
      return { status: 415 };
    }
    const memory = this.memory.share(MIN_MEMORY_BYTES);
    if (memory === undefined) return later(503);
    const limits = { maxBytes: MAX_BODY_BYTES, timeoutMs: BODY_TIMEOUT_MS, memory };
    try {
      const body = await boundedBody(request, limits);
      // Clients that send slowly do not keep others from sending.
      if (this.inFlight >= MAX_IN_FLIGHT) return later(503);
      return await this.sendCounted(body, request.headers['x-quonfig-sdk-version']);
    } catch (error) {
      if (!(error instanceof UnreadableBody)) {
        this.failed(forwardFailed(reasonOf(error)));
        return later(503);
      }
      const { status } = error;
      if (status === 503) return later(503);
      if (status !== 408) await discardRest(request, BODY_TIMEOUT_MS);
      return { status };
    } finally {
      memory.close();
    }
  }

  /** Aborts reports in flight. */
  close(): void {
    this.abort.abort();
  }

  private async sendCounted(
    ...report: Parameters<TelemetryForward['send']>
  ): Promise<ForwardResult> {
    this.inFlight++;
    try {
      return await this.send(...report);
    } finally {
      this.inFlight--;
    }
  }

  private async send(body: Buffer, version: string | string[] | undefined): Promise<ForwardResult> {
    const { url, sdkKey } = this.settings;
    const response = await fetch(`${url}/api/v1/telemetry/`, {
      method: 'POST',
      headers: {
        Authorization: `Basic ${Buffer.from(`1:${sdkKey}`).toString('base64')}`,
        Accept: 'application/json',
        'Content-Type': 'application/json',
        ...(typeof version === 'string' && { 'X-Quonfig-SDK-Version': version }),
      },
      body: new Uint8Array(body),
      // A followed redirect would send the SDK key to another host.
      redirect: 'manual',
      signal: AbortSignal.any([this.abort.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    await response.body?.cancel();
    const { status } = response;
    if (status === 401 || status === 403 || status === 404) {
      // It is the key of the relay that is refused. With this status, clients would turn telemetry off for good.
      this.failed(forwardRefused(status), 'error');
      return later(503);
    }
    const retryAfter = response.headers.get('retry-after') ?? undefined;
    if (status >= 500 || isRedirect(status) || status === 408 || status === 429) {
      this.failed(forwardFailed(`status ${status}`));
      return { status: 503, retryAfter: retryAfter ?? RETRY_SECONDS };
    }
    this.recovered();
    return { status: status >= 200 && status < 300 ? 200 : 400 };
  }

  /** Logs the first failure of a run. */
  private failed(message: string, level: 'warn' | 'error' = 'warn'): void {
    if (this.failing || this.abort.signal.aborted) this.logger.debug(message);
    else this.logger[level](message);
    this.failing = true;
  }

  private recovered(): void {
    if (this.failing) this.logger.log(forwardRecovered);
    this.failing = false;
  }
}

/** The URL is another one than that of the service. Rejecting the report would make clients drop it. */
const isRedirect = (status: number): boolean => status >= 300 && status < 400;

const later = (status: number): ForwardResult => ({ status, retryAfter: RETRY_SECONDS });

/** The code of a failure. Its message could name a proxy with credentials. */
function reasonOf(error: unknown): string {
  const { cause, name } = error as { cause?: { code?: unknown }; name?: unknown };
  if (typeof cause?.code === 'string') return cause.code;
  return name === 'TimeoutError' ? `no response within ${TIMEOUT_MS / 1_000} s` : 'fetch failed';
}
