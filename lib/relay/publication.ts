import { createHash } from 'node:crypto';
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
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;

/** One envelope as bytes, which all clients share: the body of a response and the event of a stream. */
export class Publication {
  private readonly encodings = new Map<Encoding, Promise<Buffer>>();

  private constructor(
    readonly meta: EnvelopeMeta,
    /** The envelope as JSON in one line. */
    readonly json: Buffer,
    /** The complete event, which contains the JSON. */
    readonly event: Buffer,
    readonly etag: string,
  ) {}

  /**
   * Serializes an envelope, yielding to the event loop between slices of work.
   *
   * @param metaOf returns the meta to publish, from a digest of the configs
   */
  static async of(
    envelope: CurrentEnvelope,
    metaOf: (digest: string) => EnvelopeMeta | Promise<EnvelopeMeta>,
  ): Promise<Publication> {
    const hash = createHash('sha256');
    const pieces: Uint8Array[] = [];
    for await (const piece of envelope.configsJson()) {
      inOneLine(piece);
      hash.update(piece);
      pieces.push(piece);
    }
    const meta = await metaOf(hash.copy().digest('hex').slice(0, DIGEST_LENGTH));
    const tail = `,"meta":${JSON.stringify(meta)}}`;
    const etag = `W/"${hash.update(tail).digest('hex').slice(0, DIGEST_LENGTH)}"`;
    const prefix = Buffer.from(`${idLine(meta.version)}data: `);
    const begin = Buffer.from('{"configs":');
    const event = Buffer.concat([prefix, begin, ...pieces, Buffer.from(`${tail}\n\n`)]);
    return new Publication(meta, event.subarray(prefix.length, -2), event, etag);
  }

  /** Returns the JSON in an encoding. Each is compressed once, when it is first asked for. */
  encoded(encoding: Encoding): Promise<Buffer> {
    let bytes = this.encodings.get(encoding);
    if (bytes === undefined) {
      bytes =
        encoding === 'identity' ? Promise.resolve(this.json) : compressors[encoding](this.json);
      this.encodings.set(encoding, bytes);
    }
    return bytes;
  }
}

/** Replaces line breaks, which JSON allows only between its tokens, because an event ends a field with each. */
function inOneLine(json: Uint8Array): void {
  for (const end of [LF, CR]) {
    for (let at = json.indexOf(end); at !== -1; at = json.indexOf(end, at + 1)) json[at] = SPACE;
  }
}

/** The `id` line of an event. The standard has no way to escape a line break or NUL. */
function idLine(version: string): string {
  return /[\n\r\0]/.test(version) ? '' : `id: ${version}\n`;
}
