import type { EnvelopeMeta } from './envelope.js';
import { PackedConfig, type StoredConfig } from './packed-config.js';
import { Slice } from './slices.js';

/** Large enough for few pieces, small enough to process one within a slice. */
const PIECE_BYTES = 262_144;
const COMMA = Buffer.from(',');

/** Yields an envelope as pieces of UTF-8 JSON; packed configs keep their bytes. Lets the event loop turn between slices. */
export async function* envelopeBytes(
  configs: Iterable<StoredConfig>,
  meta: EnvelopeMeta,
): AsyncGenerator<Buffer> {
  yield Buffer.from('{"configs":');
  yield* configsBytes(configs);
  yield Buffer.from(`,"meta":${JSON.stringify(meta)}}`);
}

/** Like {@link envelopeBytes}, for the list of configs alone. The pieces belong to the caller. */
export async function* configsBytes(configs: Iterable<StoredConfig>): AsyncGenerator<Buffer> {
  const slice = new Slice();
  let parts: Buffer[] = [];
  let size = 0;
  let separator = Buffer.from('[');
  for (const config of configs) {
    const bytes = bytesOf(config);
    parts.push(separator, bytes);
    separator = COMMA;
    size += bytes.length;
    if (size < PIECE_BYTES) continue;
    yield Buffer.concat(parts);
    parts = [];
    size = 0;
    if (slice.isOver) await slice.next();
  }
  if (separator !== COMMA) parts.push(separator);
  parts.push(Buffer.from(']'));
  yield Buffer.concat(parts);
}

/** Returns a config as UTF-8 JSON. Do not modify: a packed config keeps these bytes. */
export function bytesOf(config: StoredConfig): Buffer {
  return config instanceof PackedConfig ? config.bytes : Buffer.from(JSON.stringify(config));
}
