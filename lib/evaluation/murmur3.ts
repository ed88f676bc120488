/**
 * MurmurHash3 (x86, 32 bit, seed 0) of the UTF-8 bytes of a fixed prefix and a string, without joining the two. The prefix
 * is hashed once. ASCII is hashed by character code; only strings with other characters are encoded.
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
   * Returns the hash as a signed 32-bit integer; `>>> 0` makes it unsigned. An unsigned result would exceed the engine's
   * small integers, so every call would allocate.
   */
  hashOf(string: string): number {
    if (!this.asciiPrefix) return murmur3Bytes(this.prefix + string);
    let { hash, block } = this;
    let shift = (this.length & 3) << 3;
    for (let i = 0; i < string.length; i++) {
      const code = string.charCodeAt(i);
      if (code > 127) return murmur3Bytes(this.prefix + string);
      block |= code << shift;
      shift += 8;
      if (shift === 32) {
        hash = mixBlock(hash, block);
        block = 0;
        shift = 0;
      }
    }
    return finish(hash, block, this.length + string.length);
  }
}

function murmur3Bytes(string: string): number {
  const bytes = Buffer.from(string, 'utf8');
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
  // An empty tail scrambles to 0, which leaves the hash unchanged.
  let h = hash ^ scramble(tail) ^ length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
