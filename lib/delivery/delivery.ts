import type { Observable } from 'rxjs';
import type { RestartReason, StreamState } from '../sources/stream/stream-state.js';
import type { ConnectionState } from './connection-state.js';
import type { QuonfigRefresh } from './refresh-record.js';

export type { QuonfigRefresh, RefreshCause } from './refresh-record.js';

/**
 * The server refused the stream.
 *
 * @publicApi
 */
export interface TerminalFailure {
  /** Status of the refusal: 401, 403 or 404. */
  readonly status: number;
  /** Host of the stream. */
  readonly host: string;
}

/**
 * How configs are kept current: over the stream, by polling, only on request, or from files.
 *
 * @publicApi
 */
export type DeliveryMode = 'stream' | 'poll' | 'manual' | 'local';

/**
 * Counters since the delivery was created.
 *
 * @publicApi
 */
export interface DeliveryCounters {
  /** Failed refreshes, including the first load. */
  readonly failedRefreshes: number;
  /** Envelopes dropped because the current configs are newer. */
  readonly guardRejected: number;
  /** Attempts to connect the stream. */
  readonly connectAttempts: number;
  /** Restarts of the stream and of fallback polling, by reason. */
  readonly restarts: Readonly<Record<'stream' | 'poll', Readonly<Record<RestartReason, number>>>>;
  /** Envelopes installed over HTTP, by API. */
  readonly installsFrom: Readonly<Record<'primary' | 'secondary', number>>;
  /** How often the secondary was queried because the primary was slow. */
  readonly hedges: number;
  /** How often the secondary was queried because the primary failed. */
  readonly failovers: number;
  /** Why the last failed refresh or connection failed; absent without one. Contains no secrets. */
  readonly lastError?: string;
}

/**
 * Loads configs into the store and keeps them current. The common interface for all sources.
 *
 * @publicApi
 */
export interface Delivery {
  /**
   * Loads configs for the first time. Concurrent calls share one load.
   *
   * @throws {InitializationTimeoutError} `initialization_timeout`: the load takes longer than `initTimeout`
   * @throws {ClosedError} `closed`: the delivery is closed meanwhile
   * @throws {QuonfigError} the error of the source
   */
  load(): Promise<void>;
  /** Starts following changes. */
  start(): void;
  /**
   * Reads the source once. The current configs stay if it fails.
   *
   * @returns resolves once the configs are current
   * @throws {ClosedError} `closed`: the delivery is closed
   * @throws {QuonfigError} the error of the source
   */
  refresh(): Promise<void>;
  /**
   * Refreshes if the last successful refresh is at least this old.
   *
   * @param ms age in ms
   * @returns `undefined` if there is nothing to do
   */
  updateIfStalerThan(ms: number): Promise<void> | undefined;
  /** Stops following changes until `resume()`. */
  suspend(): void;
  /**
   * Follows changes again and refreshes once.
   *
   * @throws what `refresh()` throws
   */
  resume(): Promise<void>;
  /**
   * Like `resume()`; also clears a terminal failure and reconnects the stream.
   *
   * @throws what `refresh()` throws
   */
  reconnect(): Promise<void>;
  /** Stops everything permanently. Idempotent; never rejects. */
  close(): Promise<void>;

  /** Set by the options; never changes. */
  readonly mode: DeliveryMode;
  /** Whether `suspend()` is in effect. */
  readonly suspended: boolean;
  /** How configs are kept current right now. */
  readonly connectionState: ConnectionState;
  /** Emits the current state, then each new one. Completes on `close()`. */
  readonly connectionState$: Observable<ConnectionState>;
  /** Emits the first load, if it has ended, then each refresh after its end. Completes on `close()`. */
  readonly refreshes$: Observable<QuonfigRefresh>;
  /** Emits each new state of the stream. */
  readonly streamState$: Observable<StreamState>;
  /** Whether the stream was refused and no more connections are attempted. */
  readonly terminalFailure: boolean;
  /** Emits each refusal of the stream. Completes on `close()`. */
  readonly terminalFailure$: Observable<TerminalFailure>;
  /** When the current configs were last known to be up to date. */
  readonly lastSuccessfulRefresh: Date | undefined;
  /** How long ago that was, in ms. */
  readonly ageMs: number | undefined;
  /** Which API delivered the last install over HTTP; empty before it, and for local sources. */
  readonly resolvedFrom: 'primary' | 'secondary' | '';
  /** Whether fallback polling is running. */
  readonly fallbackPollerActive: boolean;
  /** A copy of the counters. */
  readonly counters: DeliveryCounters;
  /** Emits when `guardRejected`, `installsFrom`, `hedges` or `failovers` has increased. Completes on `close()`. */
  readonly counted$: Observable<void>;
}
