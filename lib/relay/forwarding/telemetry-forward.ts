import type { IncomingMessage } from 'node:http';
import { Logger } from '@nestjs/common';
import { boundedBody, discardRest, UnreadableBody } from './bounded-body.js';
import type { TelemetrySettings } from './telemetry-options.js';
import { forwardFailed, forwardRecovered, forwardRefused } from './telemetry.messages.js';

export interface ForwardResult {
  readonly status: number;
  readonly retryAfter?: string;
}

/** Larger than the reports of any SDK, which keep at most 2 MiB. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** Bounds the memory of bodies. SDKs send again later. */
const MAX_IN_FLIGHT = 32;
const TIMEOUT_MS = 15_000;
const RETRY_SECONDS = '60';

/** Sends the telemetry of clients to the telemetry service, with the key of the relay and the bytes of the client. */
export class TelemetryForward {
  private readonly logger = new Logger('QuonfigRelay');
  private readonly abort = new AbortController();
  private inFlight = 0;
  private failing = false;

  constructor(private readonly settings: TelemetrySettings) {}

  /** Forwards a report. Returns the response for the client, which keeps its report if the service cannot take it now. */
  async forward(request: IncomingMessage): Promise<ForwardResult> {
    if (this.inFlight >= MAX_IN_FLIGHT) return later(503);
    if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
      return { status: 415 };
    }
    this.inFlight++;
    try {
      const body = await boundedBody(request, MAX_BODY_BYTES);
      return await this.send(body, request.headers['x-quonfig-sdk-version']);
    } catch (error) {
      if (error instanceof UnreadableBody) {
        await discardRest(request);
        return { status: error.status };
      }
      this.failed(forwardFailed(reasonOf(error)));
      return later(503);
    } finally {
      this.inFlight--;
    }
  }

  /** Aborts reports in flight. */
  close(): void {
    this.abort.abort();
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
    if (status >= 500 || status === 408 || status === 429) {
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

const later = (status: number): ForwardResult => ({ status, retryAfter: RETRY_SECONDS });

/** The code of a failure. Its message could name a proxy with credentials. */
function reasonOf(error: unknown): string {
  const { cause, name } = error as { cause?: { code?: unknown }; name?: unknown };
  if (typeof cause?.code === 'string') return cause.code;
  return name === 'TimeoutError' ? `no response within ${TIMEOUT_MS / 1_000} s` : 'fetch failed';
}
