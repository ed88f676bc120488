import type { ServerResponse } from 'node:http';

/** A response of Express, or of Fastify, which has the one of Node in `raw`. */
export interface HttpResponse {
  readonly raw?: ServerResponse;
}

export function rawOf(response: HttpResponse): ServerResponse {
  return response.raw ?? (response as ServerResponse);
}

/** What tells caches how long to keep a response, those of content delivery networks included. */
const CACHING = /^(.*cache-control|expires|surrogate-control)$/i;
/** Timers wait no longer. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** Keeps a response from all caches, whatever the handler says: it is for one person, and no part of the URL tells. */
export function keepFromCaches(response: ServerResponse): void {
  const writeHead = response.writeHead.bind(response) as (...parts: unknown[]) => ServerResponse;
  const replacement = (...parts: unknown[]): ServerResponse => {
    for (const name of response.getHeaderNames()) {
      if (CACHING.test(name)) response.removeHeader(name);
    }
    response.setHeader('cache-control', 'private, no-store');
    return writeHead(...parts.map(withoutCaching));
  };
  response.writeHead = replacement;
}

/** A signal that ends what a response has begun: when it is complete, its client is gone, or time is up. */
export function signalOf(response: ServerResponse, expiresAt: number): AbortSignal {
  const controller = new AbortController();
  const end = (): void => controller.abort();
  const timer = setTimeout(end, Math.min(expiresAt - Date.now(), MAX_DELAY_MS)).unref();
  response.once('close', () => {
    clearTimeout(timer);
    end();
  });
  return controller.signal;
}

/** Leaves out the headers for caches of an argument of `writeHead`: an object, or a list of names, each before its value. */
function withoutCaching(part: unknown): unknown {
  if (Array.isArray(part)) {
    const pairs = part.every(Array.isArray) ? part : pairsOf(part);
    return pairs.filter(([name]) => !CACHING.test(String(name))).flat();
  }
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(Object.entries(part).filter(([name]) => !CACHING.test(name)));
}

function pairsOf(list: readonly unknown[]): unknown[][] {
  return list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1]]] : []));
}
