import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { MemoryShare } from './memory-budget.js';

/** Why a body was not read: the status of the response. */
export class UnreadableBody extends Error {
  constructor(readonly status: 400 | 408 | 413 | 415 | 503) {
    super(`The body cannot be read: status ${status}.`);
  }
}

/** What a body has to keep to. */
export interface BodyLimits {
  /** Of the decoded body. */
  readonly maxBytes: number;
  /** How long it may take to arrive. */
  readonly timeoutMs: number;
  /** Grows with the decoded body. */
  readonly memory: MemoryShare;
}

const MAX_DISCARDED_BYTES = 16 * 1024 * 1024;

const DECODERS = { gzip: createGunzip, deflate: createInflate, br: createBrotliDecompress };

/**
 * Reads a body and decodes it. It stops at the limits, so that a small body which decodes to a large one costs no more than
 * they allow, and one that never ends is not waited for.
 *
 * @throws {UnreadableBody} if the body is too large or too slow, malformed or of an unknown encoding
 */
export async function boundedBody(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const done = new AbortController();
  const expired = setTimeout(limits.timeoutMs, undefined, { ref: false, signal: done.signal });
  try {
    return await Promise.race([
      decodedBody(request, limits),
      expired.then(() => {
        throw new UnreadableBody(408);
      }),
    ]);
  } finally {
    done.abort();
  }
}

async function decodedBody(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (Number(request.headers['content-length'] ?? 0) > limits.maxBytes) {
    throw new UnreadableBody(413);
  }
  if (encoding === 'identity') return collect(request, limits);
  if (!Object.hasOwn(DECODERS, encoding)) throw new UnreadableBody(415);
  const decoder = DECODERS[encoding as keyof typeof DECODERS]();
  request.once('error', (error) => decoder.destroy(error));
  try {
    return await collect(request.pipe(decoder), limits);
  } finally {
    request.unpipe(decoder);
    decoder.destroy();
  }
}

/** Reads a moderate rest of a body, because clients that are still sending it do not read the response. */
export async function discardRest(request: IncomingMessage, timeoutMs: number): Promise<void> {
  await Promise.race([discard(request), setTimeout(timeoutMs, undefined, { ref: false })]);
}

async function discard(request: IncomingMessage): Promise<void> {
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

async function collect(body: Readable, { maxBytes, memory }: BodyLimits): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // Destroying the request would end the connection before the response.
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new UnreadableBody(413);
      if (!memory.grow(chunk.length)) throw new UnreadableBody(503);
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof UnreadableBody ? error : new UnreadableBody(400);
  }
  return Buffer.concat(chunks);
}
