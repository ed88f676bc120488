import type { Observable } from 'rxjs';

/** Since the client was made. */
export interface FailoverTotals {
  readonly hedgeFired: number;
  readonly guardRejected: number;
  readonly resolvedFromPrimary: number;
  readonly resolvedFromSecondary: number;
}

/** Where the counts come from. */
export interface FailoverSource {
  totals(): FailoverTotals;
  /** One of the totals has grown. */
  readonly counted$: Observable<void>;
}

/** How refreshes went in one window: what the totals have grown by. */
export class FailoverCounts {
  private before: FailoverTotals = {
    hedgeFired: 0,
    guardRejected: 0,
    resolvedFromPrimary: 0,
    resolvedFromSecondary: 0,
  };
  /** When the first of them was counted. */
  private start: number | undefined;

  constructor(private readonly source: FailoverSource) {
    source.counted$.subscribe(() => {
      this.start ??= Date.now();
    });
  }

  get isEmpty(): boolean {
    return this.start === undefined;
  }

  /** The event of the window, which is closed then; `undefined` when nothing was counted. */
  take(end: number): string | undefined {
    const { start, before } = this;
    if (start === undefined) return undefined;
    const totals = this.source.totals();
    this.start = undefined;
    this.before = totals;
    const grown = growth(before, totals);
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
