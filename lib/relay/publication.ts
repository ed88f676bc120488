import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { CurrentEnvelope, EnvelopeMeta } from '../index.js';
import type { Encoding } from './accept-encoding.js';

const compressors: Record<Exclude<Encoding, 'identity'>, (json: Buffer) => Promise<Buffer>> = {
  gzip: (json) => promisify(gzip)(json, { level: 6 }),
  br: (json) =>
    promisify(brotliCompress)(json, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 5,
        [constants.BROTLI_PARAM_SIZE_HINT]: json.length,
      },
    }),
};

const DIGEST_LENGTH = 32;
const EVENT_END = '\n\n';

/** Bytes to be sent one after another. Publications share them, so do not modify them. */
export type Pieces = readonly Buffer[];

/** One envelope as bytes, which all clients share: the body of a response and the event of a stream. */
export class Publication {
  private readonly encodings = new Map<Encoding, Promise<Pieces>>();
  private tag: Promise<string> | undefined;

  private constructor(
    readonly meta: EnvelopeMeta,
    /** The complete event, which contains the envelope as JSON in one line. */
    readonly event: Pieces,
    /** Length of what precedes the JSON in the event, in bytes. */
    private readonly prefixLength: number,
  ) {}

  /**
   * Serializes an envelope, yielding to the event loop between slices of work.
   *
   * @param meta the meta to publish
   * @param earlier an earlier publication of the same service; most of its pieces are used again
   */
  static async of(
    envelope: CurrentEnvelope,
    meta: EnvelopeMeta,
    earlier?: Publication,
  ): Promise<Publication> {
    const prefix = `${idLine(meta.version)}data: `;
    const event = await envelope.configsJsonBetween(
      `${prefix}{"configs":`,
      `,"meta":${JSON.stringify(meta)}}${EVENT_END}`,
      earlier?.event,
    );
    return new Publication(meta, event, Buffer.byteLength(prefix));
  }

  /** Returns the ETag. It is computed when it is first asked for, and not before the event is sent. */
  etag(): Promise<string> {
    this.tag ??= this.hash();
    return this.tag;
  }

  /** Returns the JSON in an encoding. Each is compressed once, when it is first asked for. */
  encoded(encoding: Encoding): Promise<Pieces> {
    let bytes = this.encodings.get(encoding);
    if (bytes === undefined) {
      bytes =
        encoding === 'identity'
          ? Promise.resolve(this.json())
          : compressors[encoding](Buffer.concat(this.json())).then((body) => [body]);
      this.encodings.set(encoding, bytes);
    }
    return bytes;
  }

  private json(): Pieces {
    const last = this.event.length - 1;
    return this.event.map((piece, index) =>
      piece.subarray(
        index === 0 ? this.prefixLength : 0,
        index === last ? piece.length - EVENT_END.length : piece.length,
      ),
    );
  }

  private async hash(): Promise<string> {
    const hash = createHash('sha256');
    for (const piece of this.json()) {
      hash.update(piece);
      await setImmediate();
    }
    return `W/"${hash.digest('hex').slice(0, DIGEST_LENGTH)}"`;
  }
}

/** Returns a digest of the configs alone. */
export async function digestOf(envelope: CurrentEnvelope): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of envelope.configsJson()) hash.update(piece);
  return hash.digest('hex').slice(0, DIGEST_LENGTH);
}

/** The `id` line of an event. The standard has no way to escape a line break or NUL. */
function idLine(version: string): string {
  return /[\n\r\0]/.test(version) ? '' : `id: ${version}\n`;
}
