import { EnvelopeScanner } from './envelope-scanner.js';
import type { StoredConfig } from './packed-config.js';
import { ReusableConfigs } from './reusable-configs.js';
import { Slice } from './slices.js';

/** How many bytes are scanned between two checks of the clock. */
const PIECE_BYTES = 16_384;

/**
 * Parses an envelope as `JSON.parse` would, with two differences: valid configs in the list `configs` come back packed,
 * and a large document is parsed in slices that do not block the event loop. A byte order mark is ignored.
 *
 * @param source UTF-8 in chunks, as a response body or an event delivers them; none is retained afterwards
 * @param current the current configs; one that arrives again with the same bytes is reused instead of parsed
 * @throws SyntaxError if the document is not JSON or not UTF-8; the message never quotes the content. Errors of the source
 *   are passed on
 */
export async function parseEnvelope(
  source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  current: Iterable<StoredConfig> = [],
): Promise<unknown> {
  const scanner = new EnvelopeScanner(new ReusableConfigs(current));
  const slice = new Slice();
  for await (const { buffer, byteOffset, byteLength } of source) {
    const chunk = Buffer.from(buffer, byteOffset, byteLength);
    for (let from = 0; from < byteLength; from += PIECE_BYTES) {
      scanner.write(chunk.subarray(from, from + PIECE_BYTES));
      if (slice.isOver) await slice.next();
    }
  }
  return scanner.end();
}
