import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { createGzip, gunzip } from 'node:zlib';
import { isJsonObject, Slice } from '../model/index.js';
import type { EncryptionKey } from './encryption-key.js';
import {
  contentDamaged,
  contentEncrypted,
  contentForeign,
  contentOfOtherFormat,
  contentTooLarge,
  contentUndecryptable,
  contentUnencrypted,
} from './persistence.messages.js';

const FORMAT = 'nestjs-quonfig/1';
/** The longest header: parsing a longer one would block the event loop. */
const MAX_HEADER = 65_536;
/** How much longer base64 makes an envelope that cannot be compressed, at most. */
const BASE64_FACTOR = 1.4;
/** How much is hashed between two checks of the clock. */
const PIECE_BYTES = 262_144;
const decompress = promisify(gunzip);

/** The first line of a saved document, as JSON. */
export interface SavedHeader {
  readonly format: typeof FORMAT;
  /** Hash of the SDK key that the configs belong to. */
  readonly owner: string;
  readonly environment: string;
  readonly version: string;
  readonly generation: number;
  /** When the configs were last known to be current, ISO 8601. */
  readonly savedAt: string;
  /**
   * SHA-256 of the envelope, unless it is encrypted: the key authenticates it then, and a hash would allow to test guesses of
   * what it contains.
   */
  readonly sha256?: string;
  readonly encrypted: boolean;
}

/** What a document is about, before the envelope is encoded. */
export type SavedFacts = Omit<SavedHeader, 'format' | 'sha256' | 'encrypted'>;

/** Returns the size of the largest document. `maxBytes` is that of the largest envelope. */
export function maxDocumentBytes(maxBytes: number): number {
  return maxBytes * BASE64_FACTOR + MAX_HEADER;
}

/** A document that cannot be used. The message says why, for a log line. */
export class UnusableDocumentError extends Error {}

/**
 * Encodes an envelope: the header on the first line, then the compressed envelope in base64. With a key, the envelope is
 * encrypted and the header is authenticated.
 *
 * @param envelope pieces of UTF-8 JSON
 */
export async function encodeDocument(
  facts: SavedFacts,
  envelope: AsyncIterable<Buffer>,
  key: EncryptionKey | undefined,
): Promise<string> {
  const { compressed, sha256 } = await compress(envelope);
  const header: SavedHeader = {
    format: FORMAT,
    ...facts,
    ...(key === undefined && { sha256 }),
    encrypted: key !== undefined,
  };
  const firstLine = JSON.stringify(header);
  const body = key === undefined ? compressed : key.encrypt(compressed, firstLine);
  return `${firstLine}\n${body.toString('base64')}`;
}

/**
 * Reads the header of a document.
 *
 * @throws {UnusableDocumentError} if it has another format or belongs to another SDK key
 */
export function headerOf(document: string, owner: string): SavedHeader {
  const firstLine = firstLineOf(document);
  const header = firstLine.length > MAX_HEADER ? undefined : parsed(firstLine);
  if (!isJsonObject(header) || typeof header['format'] !== 'string') {
    throw new UnusableDocumentError(contentDamaged);
  }
  if (header['format'] !== FORMAT) throw new UnusableDocumentError(contentOfOtherFormat);
  if (header['owner'] !== owner) throw new UnusableDocumentError(contentForeign);
  const { generation, savedAt, sha256, encrypted } = header;
  const complete =
    typeof generation === 'number' &&
    typeof encrypted === 'boolean' &&
    (encrypted || typeof sha256 === 'string') &&
    typeof savedAt === 'string' &&
    !Number.isNaN(Date.parse(savedAt));
  if (!complete) throw new UnusableDocumentError(contentDamaged);
  return header as unknown as SavedHeader;
}

/**
 * Decodes the envelope of a document.
 *
 * @param maxBytes maximum size of the decompressed envelope
 * @returns UTF-8 JSON
 * @throws {UnusableDocumentError} if it is damaged, too large or cannot be decrypted
 */
export async function envelopeIn(
  document: string,
  { encrypted, sha256 }: SavedHeader,
  key: EncryptionKey | undefined,
  maxBytes: number,
): Promise<Buffer> {
  if (encrypted && key === undefined) throw new UnusableDocumentError(contentEncrypted);
  if (!encrypted && key !== undefined) throw new UnusableDocumentError(contentUnencrypted);
  if (document.length > maxDocumentBytes(maxBytes)) {
    throw new UnusableDocumentError(contentTooLarge(maxBytes));
  }
  const firstLine = firstLineOf(document);
  const body = Buffer.from(document.slice(firstLine.length + 1), 'base64');
  const compressed = key === undefined ? body : decrypt(body, firstLine, key);
  let envelope: Buffer;
  try {
    envelope = await decompress(compressed, { maxOutputLength: maxBytes });
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new UnusableDocumentError(isTooLarge ? contentTooLarge(maxBytes) : contentDamaged);
  }
  if (!encrypted && (await hashOf(envelope)) !== sha256) {
    throw new UnusableDocumentError(contentDamaged);
  }
  return envelope;
}

async function compress(
  pieces: AsyncIterable<Buffer>,
): Promise<{ compressed: Buffer; sha256: string }> {
  const gzip = createGzip();
  const chunks = gzip.toArray() as Promise<Buffer[]>;
  const hash = createHash('sha256');
  for await (const piece of pieces) {
    hash.update(piece);
    if (!gzip.write(piece)) await once(gzip, 'drain');
  }
  gzip.end();
  return { compressed: Buffer.concat(await chunks), sha256: hash.digest('hex') };
}

/** Lets the event loop turn between slices: hashing many MB takes long. */
async function hashOf(content: Buffer): Promise<string> {
  const hash = createHash('sha256');
  const slice = new Slice();
  for (let from = 0; from < content.length; from += PIECE_BYTES) {
    hash.update(content.subarray(from, from + PIECE_BYTES));
    if (slice.isOver) await slice.next();
  }
  return hash.digest('hex');
}

function firstLineOf(document: string): string {
  const end = document.indexOf('\n');
  return end < 0 ? document : document.slice(0, end);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function decrypt(content: Buffer, header: string, key: EncryptionKey): Buffer {
  try {
    return key.decrypt(content, header);
  } catch {
    throw new UnusableDocumentError(contentUndecryptable);
  }
}
