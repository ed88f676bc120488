/** Chunks below this size are copied together, so that many short ones need little memory beyond their bytes. */
const SMALL_CHUNK_BYTES = 1_024;
const BLOCK_BYTES = 4_096;

/** Collects bytes that arrive in chunks. */
export class ChunkBuffer {
  private chunks: Buffer[] = [];
  /** Space for small chunks; the first `used` bytes are occupied. */
  private block = Buffer.alloc(0);
  private used = 0;
  private total = 0;

  get length(): number {
    return this.total;
  }

  append(chunk: Buffer): void {
    this.total += chunk.length;
    if (chunk.length >= SMALL_CHUNK_BYTES) {
      this.endBlock();
      this.chunks.push(chunk);
      return;
    }
    if (this.used + chunk.length > this.block.length) {
      this.endBlock();
      this.block = Buffer.allocUnsafe(BLOCK_BYTES);
    }
    this.used += chunk.copy(this.block, this.used);
  }

  /** Returns all bytes and empties the buffer. */
  drain(): Buffer[] {
    this.endBlock();
    const { chunks } = this;
    this.chunks = [];
    this.total = 0;
    return chunks;
  }

  private endBlock(): void {
    if (this.used > 0) this.chunks.push(this.block.subarray(0, this.used));
    this.block = this.block.subarray(this.used);
    this.used = 0;
  }
}
