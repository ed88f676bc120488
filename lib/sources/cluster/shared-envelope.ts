import {
  bytesOf,
  checkEnvelope,
  type EnvelopeMeta,
  isJsonObject,
  type LoadedEnvelope,
  PackedConfig,
  Slice,
  type StoredConfig,
} from '../../model/index.js';
import { peerInvalid } from './cluster.messages.js';
import { LinkError } from './link-error.js';

const LENGTH_BYTES = 4;
/** How many bytes of configs are processed between two checks of the clock. */
const PIECE_BYTES = 65_536;
/**
 * Chunks of up to this size may stay in memory for a few of their configs. Sockets deliver no larger ones. In the worst case,
 * updates leave one config of each chunk in use, and configs take twice their size.
 */
const MAX_SHARED_BYTES = 131_072;

/** What precedes the configs, as JSON. It spares every follower parsing them. */
interface Index {
  readonly meta: EnvelopeMeta;
  readonly keys: readonly string[];
  /** Length of each config, in bytes. */
  readonly lengths: readonly number[];
}

/**
 * Encodes an envelope for followers: the length of the index (4 bytes, big-endian), the index, and the configs with the bytes
 * in which they were received. Lets the event loop turn between slices.
 */
export async function encodeEnvelope(
  configs: Iterable<StoredConfig>,
  meta: EnvelopeMeta,
): Promise<Buffer> {
  const all = [...configs].map((config) => ({ key: config.key, bytes: bytesOf(config) }));
  const lengths = all.map(({ bytes }) => bytes.length);
  const index = Buffer.from(JSON.stringify({ meta, keys: all.map(({ key }) => key), lengths }));
  const start = LENGTH_BYTES + index.length;
  const whole = Buffer.allocUnsafeSlow(lengths.reduce((sum, length) => sum + length, start));
  whole.writeUInt32BE(index.length);
  index.copy(whole, LENGTH_BYTES);
  const slice = new Slice();
  let at = start;
  for (const { bytes } of all) {
    at += bytes.copy(whole, at);
    if (slice.isOver) await slice.next();
  }
  return whole;
}

/**
 * Decodes an envelope of a leader, which has checked the configs. Lets the event loop turn between slices.
 *
 * @param currentConfig returns the current config of a key, which is reused if it has the same bytes
 * @throws {LinkError} `invalid`: it is not one
 */
export async function decodeEnvelope(
  content: readonly Buffer[],
  currentConfig: (key: string) => StoredConfig | undefined,
): Promise<LoadedEnvelope> {
  const bytes = new ByteReader(content);
  const { meta, keys, lengths } = indexIn(bytes);
  const isFirst = keys.every((key) => currentConfig(key) === undefined);
  const configs: PackedConfig[] = [];
  const slice = new Slice();
  let processed = 0;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    const size = lengths[i]!;
    const current = currentConfig(key);
    if (
      current instanceof PackedConfig &&
      current.byteLength === size &&
      bytes.startsWith(current.bytes)
    ) {
      bytes.skip(size);
      configs.push(current);
    } else if (isFirst && bytes.chunkHas(size)) {
      // Configs that arrived together share the memory of their chunk, as those of a parsed envelope share blocks.
      configs.push(new PackedConfig(key, bytes.chunk, bytes.offset, bytes.offset + size));
      bytes.skip(size);
    } else {
      // Not from Node's shared pool: a small config would keep a whole block of it alive.
      configs.push(new PackedConfig(key, bytes.take(size), 0, size));
    }
    processed += size;
    if (processed < PIECE_BYTES) continue;
    processed = 0;
    if (slice.isOver) await slice.next();
  }
  return checkEnvelope({ configs, meta }, () => invalid());
}

function indexIn(bytes: ByteReader): Index {
  if (bytes.remaining < LENGTH_BYTES) throw invalid();
  const length = bytes.take(LENGTH_BYTES).readUInt32BE();
  if (length > bytes.remaining) throw invalid();
  let index: unknown;
  try {
    index = JSON.parse(bytes.take(length).toString());
  } catch {
    throw invalid();
  }
  if (!isIndex(index)) throw invalid();
  const total = index.lengths.reduce((sum, size) => sum + size, 0);
  if (index.keys.length !== index.lengths.length || total !== bytes.remaining) throw invalid();
  return index;
}

function isIndex(index: unknown): index is Index {
  if (!isJsonObject(index)) return false;
  const { keys, lengths } = index;
  return (
    Array.isArray(keys) &&
    keys.every((key) => typeof key === 'string') &&
    Array.isArray(lengths) &&
    lengths.every(isLength)
  );
}

function isLength(length: unknown): boolean {
  return Number.isSafeInteger(length) && Number(length) > 0;
}

function invalid(): LinkError {
  return new LinkError('invalid', peerInvalid);
}

/** Reads bytes that are spread over chunks. */
class ByteReader {
  remaining: number;
  /** Where the next byte is in its chunk. */
  offset = 0;
  private at = 0;

  constructor(private readonly chunks: readonly Buffer[]) {
    this.remaining = chunks.reduce((sum, { length }) => sum + length, 0);
  }

  /** The chunk with the next byte. */
  get chunk(): Buffer {
    return this.chunks[this.at]!;
  }

  /** Whether the next bytes are in one chunk that may be shared. */
  chunkHas(length: number): boolean {
    const { chunk, offset } = this;
    return offset + length <= chunk.length && chunk.buffer.byteLength <= MAX_SHARED_BYTES;
  }

  /** Returns a copy of the next bytes. */
  take(length: number): Buffer {
    const copy = Buffer.allocUnsafeSlow(length);
    let at = 0;
    this.visit(length, (part) => {
      at += part.copy(copy, at);
      return true;
    });
    this.skip(length);
    return copy;
  }

  startsWith(expected: Buffer): boolean {
    let at = 0;
    return this.visit(expected.length, (part) => {
      const equal = part.equals(expected.subarray(at, at + part.length));
      at += part.length;
      return equal;
    });
  }

  skip(length: number): void {
    this.remaining -= length;
    let rest = length;
    while (rest > 0) {
      const available = this.chunk.length - this.offset;
      if (rest < available) {
        this.offset += rest;
        return;
      }
      rest -= available;
      this.at++;
      this.offset = 0;
    }
  }

  /** Calls a function with each part of the next bytes, until it returns `false`. */
  private visit(length: number, see: (part: Buffer) => boolean): boolean {
    let { at, offset } = this;
    let rest = length;
    while (rest > 0) {
      const part = this.chunks[at]!.subarray(offset, offset + rest);
      if (!see(part)) return false;
      rest -= part.length;
      at++;
      offset = 0;
    }
    return true;
  }
}
