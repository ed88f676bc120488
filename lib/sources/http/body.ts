import { untilAborted, withDeadline } from '../../requests/index.js';

/** How long to wait for the body of a failure, in ms. */
const EXCERPT_WAIT_MS = 500;
const EXCERPT_BYTES = 1_024;

/** The bytes of a body as they come. Ending the iteration, or the signal, ends the answer. */
export async function* chunksOf(
  { body }: Response,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  if (body === null) return;
  const reader = body.getReader();
  const stop = (): void => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      // A body that an application's own fetch gives need not heed its end.
      const { done, value } = await untilAborted(signal, reader.read());
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

/** The same chunks. Throws as soon as there are more bytes than allowed. */
export async function* atMost(
  maxBytes: number,
  chunks: AsyncIterable<Uint8Array>,
  tooMuch: () => Error,
): AsyncGenerator<Uint8Array, void> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooMuch();
    yield chunk;
  }
}

/** Returns the beginning of a body on one line, without the secrets; empty when it does not arrive soon. */
export async function excerptOf(response: Response, secrets: readonly string[]): Promise<string> {
  let text: string;
  try {
    text = await withDeadline({ ms: EXCERPT_WAIT_MS }, (signal) =>
      // Read a secret that begins within the excerpt to its end, or it would not be recognized.
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

async function beginningOf(response: Response, size: number, signal: AbortSignal): Promise<string> {
  const bytes: Uint8Array[] = [];
  let missing = size;
  for await (const chunk of chunksOf(response, signal)) {
    bytes.push(chunk.subarray(0, missing));
    missing -= chunk.length;
    if (missing <= 0) break;
  }
  return Buffer.concat(bytes).toString();
}
