/** Since the client was made. */
export interface FailoverTotals {
  readonly hedgeFired: number;
  readonly guardRejected: number;
  readonly resolvedFromPrimary: number;
  readonly resolvedFromSecondary: number;
}

/** How refreshes went in one window: what the totals have grown by. */
export class FailoverCounts {
  private before: FailoverTotals;
  private start = Date.now();

  constructor(private readonly totals: () => FailoverTotals) {
    this.before = {
      hedgeFired: 0,
      guardRejected: 0,
      resolvedFromPrimary: 0,
      resolvedFromSecondary: 0,
    };
  }

  get isEmpty(): boolean {
    return Object.values(growth(this.before, this.totals())).every((count) => count === 0);
  }

  /** The event of the window, which began when the one before it ended. */
  take(end: number): string | undefined {
    const totals = this.totals();
    const grown = growth(this.before, totals);
    const { start } = this;
    this.before = totals;
    this.start = end;
    if (Object.values(grown).every((count) => count === 0)) return undefined;
    return JSON.stringify({ failover: { start, end, ...grown, resolvedFromLkg: 0 } });
  }
}

function growth(before: FailoverTotals, now: FailoverTotals): FailoverTotals {
  return {
    hedgeFired: now.hedgeFired - before.hedgeFired,
    guardRejected: now.guardRejected - before.guardRejected,
    resolvedFromPrimary: now.resolvedFromPrimary - before.resolvedFromPrimary,
    resolvedFromSecondary: now.resolvedFromSecondary - before.resolvedFromSecondary,
  };
}
