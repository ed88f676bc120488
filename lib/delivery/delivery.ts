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
  readonly failedRefreshes: number;
  /** Why the last failed refresh or connection failed. Without secrets. */
  readonly lastError: string | undefined;
  /** Sets that were dropped because a newer one is held. */
  readonly guardRejected: number;
  readonly connectAttempts: number;
  readonly restarts: Readonly<Record<'stream' | 'poll', Readonly<Record<RestartReason, number>>>>;
  /** Sets installed over HTTP, by the address they came from. */
  readonly installsFrom: Readonly<Record<'primary' | 'secondary', number>>;
  /** How often the secondary was asked because the primary took long, and because it failed. */
  readonly hedges: number;
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
  refresh(): Promise<void>;
  updateIfStalerThan(ms: number): Promise<void> | undefined;
  suspend(): void;
  resume(): Promise<void>;
  reconnect(): Promise<void>;
  /** Idempotent; never rejects. */
  close(): Promise<void>;

  /** As the options say; it never changes. */
  readonly mode: DeliveryMode;
  readonly suspended: boolean;
  readonly connectionState: ConnectionState;
  /** The state now, then each different one. Completes with `close()`. */
  readonly connectionState$: Observable<ConnectionState>;
  /** States of the stream, each different from the one before. */
  readonly streamState$: Observable<StreamState>;
  readonly terminalFailure: boolean;
  /** Each refusal of the stream. Completes with `close()`. */
  readonly terminalFailure$: Observable<TerminalFailure>;
  /** When the source was last known to be reachable and what is held to be current. */
  readonly lastSuccessfulRefresh: Date | undefined;
  /** How long ago that was, in ms. */
  readonly ageMs: number | undefined;
  readonly resolvedFrom: 'primary' | 'secondary' | '';
  readonly fallbackPollerActive: boolean;
  readonly counters: DeliveryCounters;
  /** `guardRejected`, `installsFrom`, `hedges` or `failovers` has just grown. Completes with `close()`. */
  readonly counted$: Observable<void>;
}
