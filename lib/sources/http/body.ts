import { untilAborted } from '../../requests/index.js';

/** How long an answer that means failure may take to say more, in ms. */
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

/** The beginning of a body on one line, without the secrets; empty when it does not come soon. */
export async function excerptOf(response: Response, secrets: readonly string[]): Promise<string> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), EXCERPT_WAIT_MS).unref();
  const bytes: Uint8Array[] = [];
  // A secret that begins within the excerpt is read to its end, or it would not be recognized.
  let missing = EXCERPT_BYTES + Math.max(...secrets.map((secret) => secret.length));
  try {
    for await (const chunk of chunksOf(response, stop.signal)) {
      bytes.push(chunk.subarray(0, missing));
      missing -= chunk.length;
      if (missing <= 0) break;
    }
  } catch {
    return '';
  } finally {
    clearTimeout(timer);
  }
  let text = Buffer.concat(bytes).toString();
  for (const secret of secrets) text = text.replaceAll(secret, '[redacted]');
  const beginning = Buffer.from(text).subarray(0, EXCERPT_BYTES).toString();
  return beginning.replace(/[\p{C}\s\uFFFD]+/gu, ' ').trim();
}
