import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { errorBody } from './relay.messages.js';

/** How long a client may take none of the bytes of a response, in ms. */
const STALL_MS = 30_000;
/** Clients that come back do so within this time, in s. They wait 30 s at most. */
const RETRY_FROM_S = 5;
const RETRY_WITHIN_S = 25;

/** One request and its response, as Node's HTTP server has them. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Sends a complete response. */
export function answer(
  { request, response }: Exchange,
  status: number,
  headers: OutgoingHttpHeaders,
  body?: readonly Buffer[] | string,
): void {
  if (response.headersSent || response.destroyed) return;
  response.setTimeout(STALL_MS, () => {
    if (response.writableLength > 0) response.destroy();
  });
  const pieces = typeof body === 'string' ? [Buffer.from(body)] : (body ?? []);
  const size = pieces.reduce((sum, { length }) => sum + length, 0);
  const length = body === undefined ? {} : { 'content-length': size };
  response.writeHead(status, { ...headers, ...length });
  const sent = request.method === 'HEAD' ? [] : pieces;
  for (const piece of sent.slice(0, -1)) response.write(piece);
  response.end(sent.at(-1));
}

/** Sends an error, and frees the connection. */
export function refuse(
  exchange: Exchange,
  status: number,
  headers: OutgoingHttpHeaders = {},
): void {
  // Connections of HTTP/2 carry other requests, too.
  const close = exchange.request.httpVersionMajor === 1 ? { connection: 'close' } : {};
  const json = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  answer(exchange, status, { ...json, ...close, ...headers }, errorBody(status));
}

/** Asks the client to come back, each one after a different time. */
export function askToRetry(exchange: Exchange): void {
  const seconds = RETRY_FROM_S + Math.floor(Math.random() * (RETRY_WITHIN_S + 1));
  refuse(exchange, 503, { 'retry-after': String(seconds) });
}
