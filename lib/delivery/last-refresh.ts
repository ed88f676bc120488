/** When the source was last known to be reachable and what is held to be current. */
export class LastRefresh {
  private wall: Date | undefined;
  /** Of the clock that only goes forward. */
  private steady = 0;
  private proofs = 0;

  get at(): Date | undefined {
    return this.wall;
  }

  /** How often there was such a proof. */
  get count(): number {
    return this.proofs;
  }

  /**
   * How long ago it was, in ms. One clock can be set back, the other may stand still while the machine sleeps: the one
   * that says more is right.
   */
  get ageMs(): number | undefined {
    if (this.wall === undefined) return undefined;
    return Math.max(Date.now() - this.wall.getTime(), performance.now() - this.steady);
  }

  advance(): void {
    this.wall = new Date();
    this.steady = performance.now();
    this.proofs++;
  }
}
