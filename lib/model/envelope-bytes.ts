import type { EnvelopeMeta } from './envelope.js';
import { PackedConfig, type StoredConfig } from './packed-config.js';
import { inSlices, Slice } from './slices.js';

/** Large enough for few pieces, small enough to process one within a slice. */
const PIECE_BYTES = 262_144;
const COMMA = Buffer.from(',');
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;

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

/**
 * Returns the list of configs as JSON in one line, between two other texts. Each byte is copied once, into one buffer of the
 * right size. Lets the event loop turn between slices.
 */
export async function configsLine(
  configs: Iterable<StoredConfig>,
  before: string,
  after: string,
): Promise<Buffer> {
  const head = Buffer.from(`${before}[`);
  const tail = Buffer.from(`]${after}`);
  const all: Buffer[] = [];
  let size = head.length + tail.length;
  await inSlices(configs, (config) => {
    const bytes = bytesOf(config);
    all.push(bytes);
    size += bytes.length;
  });
  const line = Buffer.allocUnsafeSlow(size + Math.max(all.length - 1, 0));
  const slice = new Slice();
  let at = head.copy(line);
  let begin = at;
  for (const bytes of all) {
    if (at > head.length) at += COMMA.copy(line, at);
    at += bytes.copy(line, at);
    if (at - begin < PIECE_BYTES) continue;
    inOneLine(line.subarray(begin, at));
    begin = at;
    if (slice.isOver) await slice.next();
  }
  inOneLine(line.subarray(begin, at));
  tail.copy(line, at);
  return line;
}

function bytesOf(config: StoredConfig): Buffer {
  return config instanceof PackedConfig ? config.bytes : Buffer.from(JSON.stringify(config));
}

/** Replaces line breaks, which JSON allows only between its tokens. */
function inOneLine(json: Buffer): void {
  for (const end of [LF, CR]) {
    for (let at = json.indexOf(end); at !== -1; at = json.indexOf(end, at + 1)) json[at] = SPACE;
  }
}
