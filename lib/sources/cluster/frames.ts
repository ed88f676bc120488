import { isJsonObject } from '../../model/index.js';
import { ChunkBuffer } from '../stream/chunk-buffer.js';
import { envelopeOverLimit, peerInvalid } from './cluster.messages.js';
import { LinkError } from './link-error.js';

const TYPES = ['hello', 'proof', 'status', 'envelope', 'reconnect'] as const;
const LENGTH_BYTES = 4;
const HEADER_BYTES = LENGTH_BYTES + 1;

/**
 * What processes send each other. Both greet with `hello`, and prove that they know the SDK key (`proof`). Then the leader
 * sends each `status` and each `envelope`, and a follower may ask to `reconnect`.
 */
export type FrameType = (typeof TYPES)[number];

export interface Frame {
  readonly type: FrameType;
  readonly content: readonly Buffer[];
}

/** The frames that one side accepts, with their maximum size in bytes. */
export type FrameLimits = Readonly<Partial<Record<FrameType, number>>>;

/** Returns a frame as bytes: the length of its content (4 bytes, big-endian), its type (1 byte), and the content. */
export function frameOf(type: FrameType, content: readonly Uint8Array[] = []): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(content.reduce((sum, { byteLength }) => sum + byteLength, 0));
  header[LENGTH_BYTES] = TYPES.indexOf(type);
  return Buffer.concat([header, ...content]);
}

export function jsonFrame(type: FrameType, content: object): Buffer {
  return frameOf(type, [Buffer.from(JSON.stringify(content))]);
}

/** @throws {LinkError} `invalid`: the content is not a JSON object */
export function jsonIn({ content }: Frame): Record<string, unknown> {
  try {
    const object: unknown = JSON.parse(Buffer.concat(content).toString());
    if (isJsonObject(object)) return object;
  } catch {
    // As below.
  }
  throw new LinkError('invalid', peerInvalid);
}

/** Splits the bytes of a connection into frames. Content stays in the chunks in which it arrived. */
export class FrameReader {
  private readonly header = Buffer.alloc(HEADER_BYTES);
  private headerBytes = 0;
  private readonly content = new ChunkBuffer();
  /** The type of the unfinished frame, once its header is complete. */
  private type: FrameType | undefined;
  private missing = 0;

  constructor(private readonly limits: FrameLimits) {}

  /**
   * Yields the frames that end in this chunk.
   *
   * @throws {LinkError} `invalid`: at the header of a frame that is unknown, not accepted or too large
   */
  *read(chunk: Buffer): Generator<Frame, void> {
    let from = 0;
    while (from < chunk.length) {
      if (this.type === undefined) {
        from += this.readHeader(chunk.subarray(from));
        if (this.type === undefined) return;
      }
      const end = Math.min(from + this.missing, chunk.length);
      if (end > from) this.content.append(chunk.subarray(from, end));
      this.missing -= end - from;
      from = end;
      if (this.missing > 0) return;
      const { type } = this;
      this.type = undefined;
      yield { type, content: this.content.drain() };
    }
  }

  /** Returns how many bytes it has read. */
  private readHeader(bytes: Buffer): number {
    const read = bytes.copy(this.header, this.headerBytes);
    this.headerBytes += read;
    if (this.headerBytes < HEADER_BYTES) return read;
    this.headerBytes = 0;
    const type = TYPES[this.header[LENGTH_BYTES]!];
    const length = this.header.readUInt32BE();
    const limit = type && this.limits[type];
    if (type === undefined || limit === undefined) throw new LinkError('invalid', peerInvalid);
    if (length > limit) {
      throw new LinkError('invalid', type === 'envelope' ? envelopeOverLimit(limit) : peerInvalid);
    }
    this.type = type;
    this.missing = length;
    return read;
  }
}
