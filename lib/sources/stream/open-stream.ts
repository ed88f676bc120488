import { DeliveryHttpError } from '../../errors/index.js';
import {
  discard,
  isRefusal,
  type QuonfigFetch,
  type QuonfigResponse,
  retryAfterMs,
  type SdkKey,
} from '../../requests/index.js';
import { fetchWithinOrigin } from '../http/same-origin-fetch.js';
import { unexpectedContentType, unexpectedStatus } from './sse-reconnect.messages.js';
import { StreamFailure } from './stream-failure.js';

const MAX_EVENT_ID_BYTES = 1_024;

export interface StreamEndpoint {
  /** The full URL of the stream. */
  readonly url: string;
  readonly sdkKey: SdkKey;
  /** Value of `X-Quonfig-SDK-Version`, e.g. `nestjs-1.2.3`. */
  readonly sdkVersion: string;
  /** Default: the global `fetch` at the time of the request. */
  readonly fetch?: QuonfigFetch;
}

/**
 * Requests the stream. Settles as soon as the status is known; the body of an error response is not read.
 *
 * @throws {StreamFailure} if the response is not an event stream
 * @throws what `fetch` throws
 */
export async function openStream(
  endpoint: StreamEndpoint,
  lastEventId: string,
  signal: AbortSignal,
): Promise<QuonfigResponse> {
  const { fetch = globalThis.fetch, url } = endpoint;
  const headers = requestHeaders(endpoint, lastEventId);
  let response: QuonfigResponse;
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

function failureOf({ status, headers }: QuonfigResponse): StreamFailure | undefined {
  const message = unexpectedStatus(status);
  if (isRefusal(status)) return new StreamFailure('refused', message, { status });
  if (status !== 200) {
    const wait = retryAfterMs(headers.get('retry-after'), Date.now());
    return new StreamFailure('status', message, { retryAfterMs: wait });
  }
  const contentType = headers.get('content-type');
  if (/^\s*text\/event-stream\s*(;|$)/i.test(contentType ?? '')) return undefined;
  return new StreamFailure('content_type', unexpectedContentType(contentType));
}

function requestHeaders(
  { sdkKey, sdkVersion }: StreamEndpoint,
  lastEventId: string,
): Record<string, string> {
  // The header carries the id as UTF-8. An id that is invalid in a header is omitted, or else every attempt would fail.
  const id = Buffer.from(lastEventId).toString('latin1');
  const sendable = /^[\x20-\x7e\x80-\xff]+$/.test(id) && id.length <= MAX_EVENT_ID_BYTES;
  return {
    ...sdkKey.credentials(sdkVersion),
    Accept: 'text/event-stream',
    'Cache-Control': 'no-cache',
    ...(sendable && { 'Last-Event-ID': id }),
  };
}
