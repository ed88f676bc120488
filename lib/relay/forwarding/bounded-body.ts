import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

/** Why a body was not read: the status of the response. */
export class UnreadableBody extends Error {
  constructor(readonly status: 400 | 413 | 415) {
    super(`The body cannot be read: status ${status}.`);
  }
}

const MAX_DISCARDED_BYTES = 16 * 1024 * 1024;

const DECODERS = { gzip: createGunzip, deflate: createInflate, br: createBrotliDecompress };

/**
 * Reads a body and decodes it. It stops at the limit, so that a small body which decodes to a large one costs no more than the
 * limit.
 *
 * @param maxBytes of the decoded body
 * @throws {UnreadableBody} if the body is too large, malformed or of an unknown encoding
 */
export async function boundedBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw new UnreadableBody(413);
  if (encoding === 'identity') return collect(request, maxBytes);
  if (!Object.hasOwn(DECODERS, encoding)) throw new UnreadableBody(415);
  const decoder = DECODERS[encoding as keyof typeof DECODERS]();
  request.once('error', (error) => decoder.destroy(error));
  try {
    return await collect(request.pipe(decoder), maxBytes);
  } finally {
    request.unpipe(decoder);
    decoder.destroy();
  }
}

/** Reads a moderate rest of a body, because clients that are still sending it do not read the response. */
export async function discardRest(request: IncomingMessage): Promise<void> {
  try {
    let bytes = 0;
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      bytes += (chunk as Buffer).length;
      if (bytes > MAX_DISCARDED_BYTES) return;
    }
  } catch {
    // The client has ended the connection.
  }
}

async function collect(body: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // Destroying the request would end the connection before the response.
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new UnreadableBody(413);
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof UnreadableBody ? error : new UnreadableBody(400);
  }
  return Buffer.concat(chunks);
}
