import { setImmediate } from 'node:timers/promises';

/** How many characters are made bytes before the event loop turns. */
const CHARACTERS_AT_ONCE = 256 * 1_024;

/** The bytes of a text that comes in pieces, made in slices. */
export async function utf8Bytes(pieces: Iterable<string>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let waiting: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    waiting.push(piece);
    length += piece.length;
    if (length < CHARACTERS_AT_ONCE) continue;
    chunks.push(Buffer.from(waiting.join('')));
    waiting = [];
    length = 0;
    await setImmediate();
  }
  chunks.push(Buffer.from(waiting.join('')));
  return Buffer.concat(chunks);
}
