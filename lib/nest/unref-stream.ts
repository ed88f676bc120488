import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** What Node's `fetch`, and undici from npm, publish when a request is sent. */
interface SentRequest {
  readonly request: { readonly origin?: unknown; readonly path?: unknown };
  readonly socket: { unref?(): unknown };
}

const CHANNEL = 'undici:client:sendHeaders';

/**
 * Lets the process end while a stream from this base URL is open. `fetch` has no option for it, but publishes the socket
 * of each request. Another implementation of `fetch` publishes nothing, and its stream holds the process as before.
 *
 * @returns a function that ends it
 */
export function unrefStream({ streamUrl }: { readonly streamUrl: string }): () => void {
  const { origin, pathname } = new URL(streamUrl);
  const prefix = pathname === '/' ? '/' : `${pathname}/`;
  const unref = (message: unknown): void => {
    const { request, socket } = message as SentRequest;
    if (
      String(request.origin) === origin &&
      String(request.path).startsWith(`${prefix}api/v2/sse/`)
    ) {
      socket.unref?.();
    }
  };
  subscribe(CHANNEL, unref);
  return () => unsubscribe(CHANNEL, unref);
}
