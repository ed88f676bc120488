import { encodingFor, matchesEtag } from './accept-encoding.js';
import { answer, type Exchange } from './exchange.js';
import type { Publication } from './publication.js';

/** Serves `GET /api/v2/configs`. */
export async function serveConfigs(exchange: Exchange, publication: Publication): Promise<void> {
  const { headers } = exchange.request;
  const etag = await publication.etag();
  // The body depends on the key, so only the client itself may keep it, and must ask each time.
  const common = { etag, 'cache-control': 'private, no-cache', vary: 'Accept-Encoding' };
  if (matchesEtag(headers['if-none-match'], etag)) {
    answer(exchange, 304, common);
    return;
  }
  const encoding = encodingFor(headers['accept-encoding']?.toString());
  const body = await publication.encoded(encoding);
  const encoded = encoding === 'identity' ? {} : { 'content-encoding': encoding };
  answer(exchange, 200, { ...common, 'content-type': 'application/json', ...encoded }, body);
}
