import { DeliveryHttpError } from '../../errors/index.js';
import {
  discard,
  type QuonfigFetch,
  type QuonfigRequestInit,
  type QuonfigResponse,
} from '../../requests/index.js';
import { crossOriginRedirect, tooManyRedirects } from './config-endpoint.messages.js';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 5;

/**
 * Sends a GET request, following redirects within the origin only: every request carries the SDK key.
 *
 * @throws {DeliveryHttpError} `http_error`: any other redirect, or too many of them
 * @throws what `fetch` throws
 */
export async function fetchWithinOrigin(
  fetch: QuonfigFetch,
  url: string,
  init: Omit<QuonfigRequestInit, 'redirect'>,
): Promise<QuonfigResponse> {
  let current = new URL(url);
  for (let redirects = 0; ; redirects++) {
    const response = await fetch(current.href, { ...init, redirect: 'manual' });
    if (init.signal.aborted) discard(response);
    init.signal.throwIfAborted();
    const { status } = response;
    const location = REDIRECTS.has(status) ? response.headers.get('location') : null;
    if (location === null) return response;
    discard(response);
    const target = URL.canParse(location, current.href) ? new URL(location, current) : undefined;
    if (target?.origin !== current.origin) {
      throw new DeliveryHttpError(url, status, crossOriginRedirect(target?.origin));
    }
    if (redirects === MAX_REDIRECTS) {
      throw new DeliveryHttpError(url, status, tooManyRedirects());
    }
    current = target;
  }
}
