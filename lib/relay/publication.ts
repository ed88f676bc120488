import { createHash, webcrypto } from 'node:crypto';
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

/** One envelope as bytes, which all clients share: the body of a response and the event of a stream. */
export class Publication {
  private readonly encodings = new Map<Encoding, Promise<Buffer>>();
  private tag: Promise<string> | undefined;

  private constructor(
    readonly meta: EnvelopeMeta,
    /** The envelope as JSON in one line. */
    readonly json: Buffer,
    /** The complete event, which contains the JSON. */
    readonly event: Buffer,
  ) {}

  /**
   * Serializes an envelope, yielding to the event loop between slices of work.
   *
   * @param meta the meta to publish
   */
  static async of(envelope: CurrentEnvelope, meta: EnvelopeMeta): Promise<Publication> {
    const prefix = `${idLine(meta.version)}data: `;
    const event = await envelope.configsJsonBetween(
      `${prefix}{"configs":`,
      `,"meta":${JSON.stringify(meta)}}\n\n`,
    );
    const json = event.subarray(Buffer.byteLength(prefix), -2);
    return new Publication(meta, json, event);
  }

  /** Returns the ETag. It is computed when it is first asked for, and not before the event is sent. */
  etag(): Promise<string> {
    this.tag ??= webcrypto.subtle
      .digest('SHA-256', this.json)
      .then((hash) => `W/"${Buffer.from(hash).toString('hex').slice(0, DIGEST_LENGTH)}"`);
    return this.tag;
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
