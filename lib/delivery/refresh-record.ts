import { Observable, Subject } from 'rxjs';

/**
 * Why configs were read from their source: the first load (`load`), a call of `refresh()`, `updateIfStalerThan()`,
 * `resume()` or `reconnect()` (`request`), fallback polling (`poll`), or a change of watched files (`watch`).
 *
 * @publicApi
 */
export type RefreshCause = 'load' | 'request' | 'poll' | 'watch';

/**
 * One attempt to read the configs from their source, after its end.
 *
 * @publicApi
 */
export interface QuonfigRefresh {
  /** Why the configs were read. */
  readonly cause: RefreshCause;
  /** When it began. */
  readonly startedAt: Date;
  /** How long it took, in ms. */
  readonly durationMs: number;
  /** Why it failed; absent if it succeeded, also if nothing had changed. Contains no secrets. */
  readonly error?: unknown;
}

/** Times the refreshes of a delivery and emits each one after its end. */
export class RefreshRecord {
  /** Emits the first load, if it has ended, then each refresh. */
  readonly refreshes$ = new Observable<QuonfigRefresh>((subscriber) => {
    if (this.firstLoad !== undefined) subscriber.next(this.firstLoad);
    return this.ended$.subscribe(subscriber);
  });
  private firstLoad: QuonfigRefresh | undefined;
  private readonly ended$ = new Subject<QuonfigRefresh>();

  /** Runs a refresh, and rejects as it does. The rejection is recorded, so nobody has to handle it. */
  timed(cause: RefreshCause, refresh: () => Promise<void>): Promise<void> {
    const ended = this.run(cause, refresh);
    ended.catch(() => undefined);
    return ended;
  }

  complete(): void {
    this.ended$.complete();
  }

  private async run(cause: RefreshCause, refresh: () => Promise<void>): Promise<void> {
    const startedAt = new Date();
    const start = performance.now();
    const end = (failure: { error?: unknown }): void => {
      const ended = { cause, startedAt, durationMs: performance.now() - start, ...failure };
      if (cause === 'load') this.firstLoad = ended;
      this.ended$.next(ended);
    };
    try {
      await refresh();
    } catch (error) {
      end({ error });
      throw error;
    }
    end({});
  }
}
