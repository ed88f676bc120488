import { credentials, failureCode, retryAfterMs, withDeadline } from '../../requests/index.js';

const REFUSALS: ReadonlySet<number> = new Set([401, 403, 404]);
const LATER: ReadonlySet<number> = new Set([408, 429]);
const PATH = '/api/v1/telemetry/';

/**
 * What became of a batch: accepted; to be tried again later; refused, as all that follow would be; or rejected, it alone.
 */
export type Verdict = 'accepted' | 'later' | 'refused' | 'rejected';

export interface PostResult {
  readonly verdict: Verdict;
  /** Status of the answer; `undefined` when there was none. */
  readonly status?: number;
  /** Why it was not accepted, in words. */
  readonly reason: string;
  /** The wait that the answer asked for, in ms. */
  readonly retryAfterMs: number;
}

export interface TelemetryEndpointOptions {
  /** Base address, without a slash at its end. */
  readonly telemetryUrl: string;
  readonly sdkKey: string;
  readonly sdkVersion: string;
  /** The application's own. Default: the global one at the time of the request. */
  readonly fetch: typeof globalThis.fetch | undefined;
}

/** Where telemetry goes. */
export class TelemetryEndpoint {
  constructor(private readonly options: TelemetryEndpointOptions) {}

  /**
   * Sends a batch; never rejects.
   *
   * @param ms deadline of the whole request, in ms
   * @param signal ends the request
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
      const reason = late ? `no response within ${ms} ms` : failureCode(error);
      return { verdict: 'later', reason, retryAfterMs: 0 };
    }
  }

  private async request(batch: Uint8Array, signal: AbortSignal): Promise<Response> {
    const { telemetryUrl, sdkKey, sdkVersion, fetch = globalThis.fetch } = this.options;
    const response = await fetch(telemetryUrl + PATH, {
      method: 'POST',
      headers: {
        ...credentials(sdkKey, sdkVersion),
        Accept: 'application/json',
        'Content-Type': 'application/json',
        // Reports are a minute apart: a connection that is kept would be idle.
        Connection: 'close',
      },
      body: batch as Uint8Array<ArrayBuffer>,
      // The key goes along with the request, and would go on with it.
      redirect: 'manual',
      signal,
    });
    // Nobody reads what it says, and an answer after the limit must be ended too.
    try {
      response.body?.cancel().catch(() => undefined);
    } catch {
      // An application's own fetch may give a body of another kind.
    }
    return response;
  }
}

function resultOf({ status, headers }: Response): PostResult {
  const reason = `status ${status}`;
  const wait = retryAfterMs(headers.get('retry-after'), Date.now());
  return { verdict: verdictOf(status), status, reason, retryAfterMs: wait };
}

function verdictOf(status: number): Verdict {
  if (status >= 200 && status < 300) return 'accepted';
  if (REFUSALS.has(status)) return 'refused';
  return status >= 500 || LATER.has(status) ? 'later' : 'rejected';
}
