import { type QuonfigResponse, untilAborted, withDeadline } from '../../requests/index.js';

/** How long to wait for the body of an error response, in ms. */
const EXCERPT_WAIT_MS = 500;
const EXCERPT_BYTES = 1_024;

/** Yields the chunks of a body as they arrive. Ending the iteration or aborting the signal cancels the response. */
export async function* chunksOf(
  { body }: QuonfigResponse,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  if (body === null) return;
  const reader = body.getReader();
  const stop = (): void => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      // The body of a custom fetch may ignore the cancellation.
      const { done, value } = await untilAborted(signal, reader.read());
      if (done) return;
      yield value as Uint8Array;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

/** Yields the same chunks, and throws once they exceed the limit. */
export async function* limitBytes(
  maxBytes: number,
  chunks: AsyncIterable<Uint8Array>,
  tooLarge: () => Error,
): AsyncGenerator<Uint8Array, void> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge();
    yield chunk;
  }
}

/** Returns the beginning of a body on one line with secrets redacted; empty if it does not arrive in time. */
export async function excerptOf(
  response: QuonfigResponse,
  secrets: readonly string[],
): Promise<string> {
  let text: string;
  try {
    text = await withDeadline({ ms: EXCERPT_WAIT_MS }, (signal) =>
      // Read past the excerpt, so that a secret that starts within it is complete and recognized.
      beginningOf(
        response,
        EXCERPT_BYTES + Math.max(...secrets.map(({ length }) => length)),
        signal,
      ),
    );
  } catch {
    return '';
  }
  for (const secret of secrets) text = text.replaceAll(secret, '[redacted]');
  const beginning = Buffer.from(text).subarray(0, EXCERPT_BYTES).toString();
  return beginning.replace(/[\p{C}\s\uFFFD]+/gu, ' ').trim();
}

async function beginningOf(
  response: QuonfigResponse,
  size: number,
  signal: AbortSignal,
): Promise<string> {
  const bytes: Uint8Array[] = [];
  let remaining = size;
  for await (const chunk of chunksOf(response, signal)) {
    bytes.push(chunk.subarray(0, remaining));
    remaining -= chunk.length;
    if (remaining <= 0) break;
  }
  return Buffer.concat(bytes).toString();
}
