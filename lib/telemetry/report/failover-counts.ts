import type { Observable } from 'rxjs';

/** Counters since the service was created. */
export interface FailoverTotals {
  readonly hedgeFired: number;
  readonly guardRejected: number;
  readonly resolvedFromPrimary: number;
  readonly resolvedFromSecondary: number;
}

/** Provides the counters. */
export interface FailoverSource {
  totals(): FailoverTotals;
  /** Emits when one of the totals has grown. */
  readonly counted$: Observable<void>;
}

/** The results of refreshes in one window, as differences between totals. */
export class FailoverCounts {
  private before: FailoverTotals = {
    hedgeFired: 0,
    guardRejected: 0,
    resolvedFromPrimary: 0,
    resolvedFromSecondary: 0,
  };
  /** Time of the first count in this window. */
  private start: number | undefined;

  constructor(private readonly source: FailoverSource) {
    source.counted$.subscribe(() => {
      this.start ??= Date.now();
    });
  }

  get isEmpty(): boolean {
    return this.start === undefined;
  }

  /** Closes the window, starts the next, and returns the event; `undefined` if nothing was counted. */
  take(end: number): string | undefined {
    const { start, before } = this;
    if (start === undefined) return undefined;
    const totals = this.source.totals();
    this.start = undefined;
    this.before = totals;
    const grown = difference(before, totals);
    return JSON.stringify({ failover: { start, end, ...grown, resolvedFromLkg: 0 } });
  }
}

function difference(before: FailoverTotals, now: FailoverTotals): FailoverTotals {
  return {
    hedgeFired: now.hedgeFired - before.hedgeFired,
    guardRejected: now.guardRejected - before.guardRejected,
    resolvedFromPrimary: now.resolvedFromPrimary - before.resolvedFromPrimary,
    resolvedFromSecondary: now.resolvedFromSecondary - before.resolvedFromSecondary,
  };
}
