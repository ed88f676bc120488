import type { IncomingMessage, ServerResponse } from 'node:http';

const HEADERS = {
  'Access-Control-Allow-Methods': 'GET, POST, OPTIONS',
  'Access-Control-Allow-Headers':
    'Authorization, Content-Type, If-None-Match, X-Quonfig-SDK-Version',
  'Access-Control-Expose-Headers': 'ETag',
};

/** Lets pages of the given origins read a response; without a list, pages of every origin. */
export function allowOrigins(
  request: IncomingMessage,
  response: ServerResponse,
  origins: readonly string[] | undefined,
): void {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  if (origins === undefined) {
    response.setHeader('Access-Control-Allow-Origin', '*');
    return;
  }
  // A list is no valid value of the header, so the origin that asks is echoed.
  response.appendHeader('Vary', 'Origin');
  const { origin } = request.headers;
  if (origin !== undefined && origins.includes(origin)) {
    response.setHeader('Access-Control-Allow-Origin', origin);
  }
}
