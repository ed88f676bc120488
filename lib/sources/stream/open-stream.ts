import { DeliveryHttpError } from '../../errors/index.js';
import { credentials, retryAfterMs } from '../../requests/index.js';
import { discard, fetchWithinOrigin } from '../http/same-origin-fetch.js';
import { unexpectedContentType, unexpectedStatus } from './sse-reconnect.messages.js';
import { StreamFailure } from './stream-failure.js';

const REFUSALS: ReadonlySet<number> = new Set([401, 403, 404]);
const MAX_EVENT_ID_BYTES = 1_024;

export interface StreamEndpoint {
  /** The whole URL of the stream. */
  readonly url: string;
  readonly sdkKey: string;
  /** Value of `X-Quonfig-SDK-Version`, e.g. `nestjs-1.2.3`. */
  readonly sdkVersion: string;
  /** The application's own. Default: the global one at the time of the request. */
  readonly fetch?: typeof globalThis.fetch;
}

/**
 * Asks for the stream. Settles as soon as the status is known: a body that means failure is not read.
 *
 * @throws StreamFailure when the answer is not an event stream; what `fetch` throws is passed on
 */
export async function openStream(
  endpoint: StreamEndpoint,
  lastEventId: string,
  signal: AbortSignal,
): Promise<Response> {
  const { fetch = globalThis.fetch, url } = endpoint;
  const headers = requestHeaders(endpoint, lastEventId);
  let response: Response;
  try {
    response = await fetchWithinOrigin(fetch, url, { headers, signal });
  } catch (error) {
    if (error instanceof DeliveryHttpError) throw new StreamFailure('redirect', error.message);
    throw error;
  }
  const failure = failureOf(response);
  if (failure === undefined) return response;
  discard(response);
  throw failure;
}

function failureOf({ status, headers }: Response): StreamFailure | undefined {
  const text = unexpectedStatus(status);
  if (REFUSALS.has(status)) return new StreamFailure('refused', text, { status });
  if (status !== 200) {
    const wait = retryAfterMs(headers.get('retry-after'), Date.now());
    return new StreamFailure('status', text, { retryAfterMs: wait });
  }
  const contentType = headers.get('content-type');
  if (/^\s*text\/event-stream\s*(;|$)/i.test(contentType ?? '')) return undefined;
  return new StreamFailure('content_type', unexpectedContentType(contentType));
}

function requestHeaders(
  { sdkKey, sdkVersion }: StreamEndpoint,
  lastEventId: string,
): Record<string, string> {
  // The id goes as UTF-8. One that no header can carry is left out: it would fail every attempt from now on.
  const id = Buffer.from(lastEventId).toString('latin1');
  const sendable = /^[\x20-\x7e\x80-\xff]+$/.test(id) && id.length <= MAX_EVENT_ID_BYTES;
  return {
    ...credentials(sdkKey, sdkVersion),
    Accept: 'text/event-stream',
    'Cache-Control': 'no-cache',
    ...(sendable && { 'Last-Event-ID': id }),
  };
}
