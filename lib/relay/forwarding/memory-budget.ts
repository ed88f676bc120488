/** Bounds the memory that many bodies take together, however slowly they arrive. */
export class MemoryBudget {
  private used = 0;

  constructor(private readonly maxBytes: number) {}

  /** Returns a share of so many bytes, which can grow; `undefined` if they exceed the budget. */
  share(bytes: number): MemoryShare | undefined {
    const share = new MemoryShare((more) => this.take(more));
    return share.grow(bytes) ? share : undefined;
  }

  private take(bytes: number): boolean {
    if (this.used + bytes > this.maxBytes) return false;
    this.used += bytes;
    return true;
  }
}

/** What one body takes of a budget. */
export class MemoryShare {
  private bytes = 0;
  private closed = false;

  constructor(private readonly take: (bytes: number) => boolean) {}

  /** Returns whether the budget allows it, and the share is still open. */
  grow(bytes: number): boolean {
    if (this.closed || !this.take(bytes)) return false;
    this.bytes += bytes;
    return true;
  }

  /** Gives all bytes back. */
  close(): void {
    if (!this.closed) this.take(-this.bytes);
    this.closed = true;
  }
}
