/**
 * MurmurHash3 (x86, 32 bit, seed 0) of the UTF-8 bytes of a fixed prefix and a text, without joining the two. The prefix
 * is worked in once; text is read by character code as long as it is ASCII, and encoded only when it is not.
 */
export class PrefixedMurmur3 {
  private readonly hash: number;
  private readonly block: number;
  private readonly length: number;
  private readonly asciiPrefix: boolean;

  constructor(private readonly prefix: string) {
    // eslint-disable-next-line no-control-regex
    this.asciiPrefix = /^[\x00-\x7f]*$/.test(prefix);
    let hash = 0;
    let block = 0;
    for (let i = 0; i < prefix.length; i++) {
      block |= prefix.charCodeAt(i) << ((i & 3) << 3);
      if ((i & 3) === 3) {
        hash = mixBlock(hash, block);
        block = 0;
      }
    }
    this.hash = hash;
    this.block = block;
    this.length = prefix.length;
  }

  /**
   * The hash of prefix and text, as a signed 32-bit integer: an unsigned one would not fit the engine's small integers and
   * be allocated on each call. `>>> 0` makes it unsigned.
   */
  of(text: string): number {
    if (!this.asciiPrefix) return murmur3Bytes(this.prefix + text);
    let { hash, block } = this;
    let shift = (this.length & 3) << 3;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) return murmur3Bytes(this.prefix + text);
      block |= code << shift;
      shift += 8;
      if (shift === 32) {
        hash = mixBlock(hash, block);
        block = 0;
        shift = 0;
      }
    }
    return finish(hash, block, this.length + text.length);
  }
}

function murmur3Bytes(text: string): number {
  const bytes = Buffer.from(text, 'utf8');
  const blocks = bytes.length & ~3;
  let hash = 0;
  for (let i = 0; i < blocks; i += 4) hash = mixBlock(hash, bytes.readInt32LE(i));
  let block = 0;
  for (let i = blocks; i < bytes.length; i++) block |= bytes[i]! << ((i & 3) << 3);
  return finish(hash, block, bytes.length);
}

function scramble(block: number): number {
  const k = Math.imul(block, 0xcc9e2d51);
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593);
}

function mixBlock(hash: number, block: number): number {
  const h = hash ^ scramble(block);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number, tail: number, length: number): number {
  // An empty tail scrambles to 0 and changes nothing.
  let h = hash ^ scramble(tail) ^ length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
