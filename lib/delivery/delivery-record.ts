import { Subject } from 'rxjs';
import type { Leg, SourceChange } from '../sources/source-sink.js';
import type { RestartReason } from '../sources/stream/stream-state.js';
import type { DeliveryCounters } from './delivery.js';

/** The record of one delivery: counters, the last error and the last refresh. Metrics and health read it. */
export class DeliveryRecord {
  /** `guardRejected`, `installsFrom`, `hedges` or `failovers` has increased. */
  readonly counted$ = new Subject<void>();
  /** The API of the last install over HTTP; empty before the first. */
  resolvedFrom: Leg | '' = '';
  private failedRefreshes = 0;
  private failedPolls = 0;
  private guardRejected = 0;
  private connectAttempts = 0;
  private hedges = 0;
  private failovers = 0;
  private readonly installsFrom: Record<Leg, number> = { primary: 0, secondary: 0 };
  private readonly streamRestarts = noRestarts();
  private lastError: string | undefined;
  private refreshes = 0;
  private refreshedAt: Date | undefined;
  /** On the clock that only goes forward. */
  private refreshedAtSteady = 0;

  get counters(): DeliveryCounters {
    return {
      failedRefreshes: this.failedRefreshes,
      lastError: this.lastError,
      guardRejected: this.guardRejected,
      connectAttempts: this.connectAttempts,
      restarts: {
        stream: { ...this.streamRestarts },
        // A poll that failed starts again one interval later.
        poll: { ...noRestarts(), worker_throw: this.failedPolls },
      },
      installsFrom: { ...this.installsFrom },
      hedges: this.hedges,
      failovers: this.failovers,
    };
  }

  /** How often the source was known to be reachable and the configs to be current. */
  get refreshCount(): number {
    return this.refreshes;
  }

  get lastRefresh(): Date | undefined {
    return this.refreshedAt;
  }

  /**
   * Time since the last refresh, in ms. The wall clock can be set back, and the steady clock may stop while the machine
   * sleeps: the larger of the two is right.
   */
  get ageMs(): number | undefined {
    if (this.refreshedAt === undefined) return undefined;
    const steady = performance.now() - this.refreshedAtSteady;
    return Math.max(Date.now() - this.refreshedAt.getTime(), steady);
  }

  refreshed(): void {
    this.refreshedAt = new Date();
    this.refreshedAtSteady = performance.now();
    this.refreshes++;
  }

  refreshFailed(message: string | undefined, isPoll = false): void {
    this.failedRefreshes++;
    if (isPoll) this.failedPolls++;
    this.failed(message);
  }

  failed(message: string | undefined): void {
    this.lastError = message ?? this.lastError;
  }

  rejected(): void {
    this.guardRejected++;
    this.counted$.next();
  }

  installedFrom(leg: Leg): void {
    this.resolvedFrom = leg;
    this.installsFrom[leg]++;
    this.counted$.next();
  }

  count(change: SourceChange): void {
    switch (change.type) {
      case 'hedged':
        this.hedges++;
        this.counted$.next();
        break;
      case 'failed_over':
        this.failovers++;
        this.counted$.next();
        break;
      case 'connecting':
        this.connectAttempts++;
        break;
      case 'restarting':
        this.streamRestarts[change.reason]++;
        break;
    }
  }
}

function noRestarts(): Record<RestartReason, number> {
  return { worker_throw: 0, worker_exit: 0, read_timeout: 0 };
}
