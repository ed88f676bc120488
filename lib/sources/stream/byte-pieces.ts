/** Pieces shorter than this are put together. */
const SHORT_PIECE = 1_024;
const BLOCK_BYTES = 4_096;

/** Bytes that come in pieces. However short the pieces are, they take little more room than their bytes. */
export class BytePieces {
  private pieces: Buffer[] = [];
  /** Room for short pieces, of which so much is used. */
  private block = Buffer.alloc(0);
  private used = 0;
  private total = 0;

  get length(): number {
    return this.total;
  }

  add(piece: Buffer): void {
    this.total += piece.length;
    if (piece.length >= SHORT_PIECE) {
      this.endBlock();
      this.pieces.push(piece);
      return;
    }
    if (this.used + piece.length > this.block.length) {
      this.endBlock();
      this.block = Buffer.allocUnsafe(BLOCK_BYTES);
    }
    this.used += piece.copy(this.block, this.used);
  }

  /** Gives all bytes, and has none from then on. */
  take(): Buffer[] {
    this.endBlock();
    const { pieces } = this;
    this.pieces = [];
    this.total = 0;
    return pieces;
  }

  private endBlock(): void {
    if (this.used > 0) this.pieces.push(this.block.subarray(0, this.used));
    this.block = this.block.subarray(this.used);
    this.used = 0;
  }
}
