import type { Observable } from 'rxjs';
import type { RestartReason, StreamState } from '../sources/stream/stream-state.js';
import type { ConnectionState } from './connection-state.js';

/**
 * The stream refused this client.
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
 * How configs are to be kept current: over the stream, by polling, only when asked to, or from files.
 *
 * @publicApi
 */
export type DeliveryMode = 'stream' | 'poll' | 'manual' | 'local';

/**
 * Since the delivery was made.
 *
 * @publicApi
 */
export interface DeliveryCounters {
  /** Reads of the source that failed, the first load included. */
  readonly failedRefreshes: number;
  /** Why the last failed refresh or connection failed. Without secrets. */
  readonly lastError: string | undefined;
  /** Sets that were dropped because a newer one is held. */
  readonly guardRejected: number;
  /** Attempts to connect the stream. */
  readonly connectAttempts: number;
  /** Restarts of the stream and of fallback polling, by reason. */
  readonly restarts: Readonly<Record<'stream' | 'poll', Readonly<Record<RestartReason, number>>>>;
  /** Sets installed over HTTP, by the address they came from. */
  readonly installsFrom: Readonly<Record<'primary' | 'secondary', number>>;
  /** How often the secondary was asked because the primary took long, and because it failed. */
  readonly hedges: number;
  /** How often the secondary was requested because the primary failed. */
  readonly failovers: number;
}

/**
 * Brings configs into the store and keeps them current. What a service asks of it, whatever the source.
 *
 * @publicApi
 */
export interface Delivery {
  /**
   * The first load. Concurrent calls share it.
   *
   * @throws InitializationTimeoutError when it takes longer than `initTimeout`, ClosedError when the delivery is closed
   *   meanwhile, and whatever makes the source unreadable
   */
  load(): Promise<void>;
  /** Starts to follow changes. */
  start(): void;
  /** Reads the source once. Rejects when that fails; the current configs stay. */
  refresh(): Promise<void>;
  /** Refreshes if the configs are older than `ms`; otherwise returns `undefined`. */
  updateIfStalerThan(ms: number): Promise<void> | undefined;
  /** Stops following changes until `resume()`. */
  suspend(): void;
  /** Follows changes again and refreshes once. */
  resume(): Promise<void>;
  /** Like `resume()`; also lifts a terminal failure and reconnects the stream. */
  reconnect(): Promise<void>;
  /** Idempotent; never rejects. */
  close(): Promise<void>;

  /** As the options say; it never changes. */
  readonly mode: DeliveryMode;
  /** Whether `suspend()` is in effect. */
  readonly suspended: boolean;
  /** How configs are kept current right now. */
  readonly connectionState: ConnectionState;
  /** The state now, then each different one. Completes with `close()`. */
  readonly connectionState$: Observable<ConnectionState>;
  /** States of the stream, each different from the one before. */
  readonly streamState$: Observable<StreamState>;
  /** Whether the stream was refused and no more connections are attempted. */
  readonly terminalFailure: boolean;
  /** Each refusal of the stream. Completes with `close()`. */
  readonly terminalFailure$: Observable<TerminalFailure>;
  /** When the source was last known to be reachable and what is held to be current. */
  readonly lastSuccessfulRefresh: Date | undefined;
  /** How long ago that was, in ms. */
  readonly ageMs: number | undefined;
  /** Which API delivered the last install over HTTP; empty before it, and for local sources. */
  readonly resolvedFrom: 'primary' | 'secondary' | '';
  /** Whether fallback polling is running. */
  readonly fallbackPollerActive: boolean;
  /** A copy of the counters. */
  readonly counters: DeliveryCounters;
  /** `guardRejected`, `installsFrom`, `hedges` or `failovers` has just grown. Completes with `close()`. */
  readonly counted$: Observable<void>;
}
