import { setImmediate } from 'node:timers/promises';
import { EnvelopeScanner } from './envelope-scanner.js';
import { HeldConfigs } from './held-configs.js';
import type { StoredConfig } from './packed-config.js';
import { SLICE_MS } from './slices.js';

/** How much is scanned between two looks at the clock, in bytes. */
const PIECE_BYTES = 16_384;

/**
 * What `JSON.parse` would give, with the same refusals, but with the configs of the list `configs` packed, and without
 * holding the event loop while a large document is read. A byte order mark is dropped.
 *
 * @param source UTF-8, in chunks as a body or an event gives them; scanned as they come, and let go
 * @param held configs that are held already: one that comes again, byte by byte, is taken from here and not parsed
 * @throws SyntaxError when it is not JSON or not UTF-8; it never quotes the content. What the source throws is passed on.
 */
export async function parseEnvelope(
  source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  held: Iterable<StoredConfig> = [],
): Promise<unknown> {
  const scanner = new EnvelopeScanner(new HeldConfigs(held));
  let sliceEnd = performance.now() + SLICE_MS;
  for await (const { buffer, byteOffset, byteLength } of source) {
    const chunk = Buffer.from(buffer, byteOffset, byteLength);
    for (let from = 0; from < byteLength; from += PIECE_BYTES) {
      scanner.write(chunk.subarray(from, from + PIECE_BYTES));
      if (performance.now() < sliceEnd) continue;
      await setImmediate();
      sliceEnd = performance.now() + SLICE_MS;
    }
  }
  return scanner.end();
}
