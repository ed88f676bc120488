import {
  discard,
  failureReason,
  isRefusal,
  isTransientStatus,
  type QuonfigFetch,
  type QuonfigResponse,
  retryAfterMs,
  type SdkKey,
  withDeadline,
} from '../../requests/index.js';

const PATH = '/api/v1/telemetry/';

/**
 * The result of sending a batch: accepted; failed for now, so retry it later; refused, as every later batch would be; or
 * rejected, this batch alone.
 */
export type Verdict = 'accepted' | 'later' | 'refused' | 'rejected';

export interface PostResult {
  readonly verdict: Verdict;
  /** Status of the response; `undefined` if there was none. */
  readonly status?: number;
  /** Why the batch was not accepted, for log messages. */
  readonly reason: string;
  /** The delay that `Retry-After` requests, in ms. */
  readonly retryAfterMs: number;
}

export interface TelemetryEndpointOptions {
  /** Base URL without a trailing slash. */
  readonly telemetryUrl: string;
  readonly sdkKey: SdkKey;
  readonly sdkVersion: string;
  /** The `fetch` of the options. Default: the global `fetch` at the time of the request. */
  readonly fetch: QuonfigFetch | undefined;
}

/** Sends batches to the telemetry service. */
export class TelemetryEndpoint {
  constructor(private readonly options: TelemetryEndpointOptions) {}

  /**
   * Sends a batch; never rejects.
   *
   * @param ms deadline of the whole request, in ms
   * @param signal aborts the request
   */
  async post(batch: Uint8Array, ms: number, signal: AbortSignal): Promise<PostResult> {
    let late = false;
    const expired = (): Error => {
      late = true;
      return new Error('late');
    };
    try {
      const response = await withDeadline({ ms, expired, signal }, (request) =>
        this.request(batch, request),
      );
      return resultOf(response);
    } catch (error) {
      const reason = late ? `no response within ${ms} ms` : failureReason(error);
      return { verdict: 'later', reason, retryAfterMs: 0 };
    }
  }

  private async request(batch: Uint8Array, signal: AbortSignal): Promise<QuonfigResponse> {
    const { telemetryUrl, sdkKey, sdkVersion, fetch = globalThis.fetch } = this.options;
    const response = await fetch(telemetryUrl + PATH, {
      method: 'POST',
      headers: {
        ...sdkKey.credentials(sdkVersion),
        Accept: 'application/json',
        'Content-Type': 'application/json',
        // Reports are a minute apart, so a kept-alive connection would sit idle.
        Connection: 'close',
      },
      body: batch as Uint8Array<ArrayBuffer>,
      // A followed redirect would send the SDK key to another host.
      redirect: 'manual',
      signal,
    });
    // The body is never read. Cancel it, also for a response after the deadline, to free the connection.
    discard(response);
    return response;
  }
}

function resultOf({ status, headers }: QuonfigResponse): PostResult {
  const reason = `status ${status}`;
  const wait = retryAfterMs(headers.get('retry-after'), Date.now());
  return { verdict: verdictOf(status), status, reason, retryAfterMs: wait };
}

function verdictOf(status: number): Verdict {
  if (status >= 200 && status < 300) return 'accepted';
  if (isRefusal(status)) return 'refused';
  return isTransientStatus(status) ? 'later' : 'rejected';
}
