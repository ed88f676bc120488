import { DeliveryHttpError } from '../../errors/index.js';
import { crossOriginRedirect, tooManyRedirects } from './config-endpoint.messages.js';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 5;

/**
 * A GET that follows redirects within the origin only, since the key goes along with every request.
 *
 * @throws DeliveryHttpError `http_error` on any other redirect; what `fetch` throws is passed on
 */
export async function fetchWithinOrigin(
  fetch: typeof globalThis.fetch,
  address: string,
  init: RequestInit & { signal: AbortSignal },
): Promise<Response> {
  let url = new URL(address);
  for (let redirects = 0; ; redirects++) {
    const response = await fetch(url.href, { ...init, redirect: 'manual' });
    if (init.signal.aborted) discard(response);
    init.signal.throwIfAborted();
    const { status } = response;
    const location = REDIRECTS.has(status) ? response.headers.get('location') : null;
    if (location === null) return response;
    discard(response);
    const target = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
    if (target?.origin !== url.origin) {
      throw new DeliveryHttpError(address, status, crossOriginRedirect(target?.origin));
    }
    if (redirects === MAX_REDIRECTS) {
      throw new DeliveryHttpError(address, status, tooManyRedirects());
    }
    url = target;
  }
}

/** Ends an answer of which nothing more is wanted, and its connection. */
export function discard(response: Response): void {
  response.body?.cancel().catch(() => undefined);
}
