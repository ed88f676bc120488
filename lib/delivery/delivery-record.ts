import { Subject } from 'rxjs';
import { DeliveryHttpError } from '../errors/index.js';
import { isRefusal } from '../requests/index.js';
import type { Leg, SourceChange } from '../sources/source-sink.js';
import type { RestartReason } from '../sources/stream/stream-state.js';
import type { DeliveryCounters } from './delivery.js';
import { RefreshRecord } from './refresh-record.js';

/** Records the counters, the last error and the last refresh of a delivery, for metrics and health. */
export class DeliveryRecord {
  /** Emits when `guardRejected`, `installsFrom`, `hedges` or `failovers` has increased. */
  readonly counted$ = new Subject<void>();
  /** When refreshes began and ended. */
  readonly timings = new RefreshRecord();
  /** The API of the last install over HTTP; empty before the first. */
  resolvedFrom: Leg | '' = '';
  /** The last failure of each API, by its URL. */
  readonly failures = new Map<string, unknown>();
  /** The APIs that refused the SDK key (401, 403, 404) since the last load began, by their URL. */
  readonly refusals = new Set<string>();
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
  /** Time of the last refresh on the monotonic clock. */
  private refreshedAtMonotonic = 0;

  get counters(): DeliveryCounters {
    return {
      failedRefreshes: this.failedRefreshes,
      guardRejected: this.guardRejected,
      connectAttempts: this.connectAttempts,
      restarts: {
        stream: { ...this.streamRestarts },
        // A failed poll restarts one interval later.
        poll: { ...noRestarts(), worker_throw: this.failedPolls },
      },
      installsFrom: { ...this.installsFrom },
      hedges: this.hedges,
      failovers: this.failovers,
      ...(this.lastError !== undefined && { lastError: this.lastError }),
    };
  }

  /** How often the current configs were known to be up to date. */
  get refreshCount(): number {
    return this.refreshes;
  }

  get lastRefresh(): Date | undefined {
    return this.refreshedAt;
  }

  /**
   * Time since the last refresh, in ms. The larger of two clocks is correct: the wall clock can be set back, and the monotonic
   * clock may stop while the machine sleeps.
   */
  get ageMs(): number | undefined {
    if (this.refreshedAt === undefined) return undefined;
    const monotonic = performance.now() - this.refreshedAtMonotonic;
    return Math.max(Date.now() - this.refreshedAt.getTime(), monotonic);
  }

  recordRefresh(): void {
    this.refreshedAt = new Date();
    this.refreshedAtMonotonic = performance.now();
    this.refreshes++;
  }

  /** Records that the current configs were saved earlier, by this or another process. It is no refresh. */
  recordRestored(savedAt: Date): void {
    this.refreshedAt = savedAt;
    this.refreshedAtMonotonic = performance.now() - (Date.now() - savedAt.getTime());
  }

  /** Records that another process knew at this time that the current configs were up to date. */
  recordConfirmed(at: Date): void {
    this.refreshes++;
    const time = Math.min(at.getTime(), Date.now());
    if (this.refreshedAt === undefined || time > this.refreshedAt.getTime()) {
      this.recordRestored(new Date(time));
    }
  }

  recordFailedRefresh(message: string, isPoll = false): void {
    this.failedRefreshes++;
    if (isPoll) this.failedPolls++;
    this.recordFailure(message);
  }

  /** Records the failure of an API, of which another API may make up for. */
  recordFailedApi(url: string, reason: unknown): void {
    this.failures.set(url, reason);
    if (reason instanceof DeliveryHttpError && isRefusal(reason.status)) this.refusals.add(url);
  }

  /** Forgets what the APIs failed with before, when a load begins. */
  forgetFailedApis(): void {
    this.failures.clear();
    this.refusals.clear();
  }

  recordFailure(message: string): void {
    this.lastError = message;
  }

  recordRejection(): void {
    this.guardRejected++;
    this.counted$.next();
  }

  recordInstall(leg: Leg): void {
    this.resolvedFrom = leg;
    this.installsFrom[leg]++;
    this.counted$.next();
  }

  recordChange(change: SourceChange): void {
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
