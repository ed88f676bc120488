import type { Exchange } from './exchange.js';
import type { RelayFeed } from './relay-feed.js';
import type { AcceptedKey } from './relay-keys.js';
import type { StreamHub } from './stream-hub.js';

const HEADERS = {
  'content-type': 'text/event-stream',
  // `no-transform` keeps proxies and middlewares from compressing, which would hold events back.
  'cache-control': 'no-cache, no-transform',
  // nginx would buffer the response otherwise.
  'x-accel-buffering': 'no',
};

/**
 * Serves `GET /api/v2/sse/config`. The current envelope comes first, whatever `Last-Event-ID` says: clients count a connection
 * as working only once it has delivered one.
 */
export function serveStream(
  { request, response }: Exchange,
  key: AcceptedKey,
  feed: RelayFeed,
  hub: StreamHub,
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(200, HEADERS);
  if (request.method === 'HEAD') response.end();
  else hub.add(key, feed, response);
}
