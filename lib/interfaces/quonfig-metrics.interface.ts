import type { ConnectionState } from '../delivery/connection-state.js';
import type { DeliveryMode } from '../delivery/delivery.js';
import type { RestartReason } from '../sources/stream/stream-state.js';

export type { RestartReason };

/**
 * Whether telemetry is sent; `refused` when the telemetry service refused the key, and nothing is recorded any more.
 *
 * @publicApi
 */
export type TelemetryState = 'on' | 'off' | 'refused';

/**
 * Why telemetry is not on: there is no SDK key, the options turn off every collector, no reporter is running (not started
 * yet, or suspended), the telemetry service refused the key, or the service is closed.
 *
 * @publicApi
 */
export type TelemetryOffReason = 'no_sdk_key' | 'turned_off' | 'paused' | 'refused' | 'closed';

/**
 * What became of reports, since the service was made.
 *
 * @publicApi
 */
export interface TelemetryMetrics {
  /** Whether telemetry is sent. */
  state: TelemetryState;
  /** Why it is not `on`. */
  reason?: TelemetryOffReason;
  /** Status of the refusal. */
  refusedWith?: number;
  /** Batches that the telemetry service accepted. */
  batchesSent: number;
  /** Batches that wait to be sent again, and their bytes. */
  batchesRetained: number;
  /** Size of the retained batches, in bytes. */
  bytesRetained: number;
  /** Batches that were lost: too old, no room, larger than all room, rejected alone, refused with all others. */
  batchesDropped: Readonly<
    Record<'aged' | 'queue_full' | 'oversize' | 'rejected' | 'refused', number>
  >;
}

/**
 * Counters since the service was made.
 *
 * @publicApi
 */
export interface QuonfigMetrics {
  /** How requests name this library, e.g. `nestjs-1.2.3`. */
  sdkVersion: string;
  /** Sets of configs installed. */
  installs: number;
  /** Sets of configs dropped because a newer one is held. */
  guardRejected: number;
  /** Reads of the source that failed, the first load included. */
  failedRefreshes: number;
  /** Attempts to connect the stream. */
  connectAttempts: number;
  /** How often the stream, and a poll, was begun again after it had ended or failed. */
  restarts: {
    /** Restarts of the stream, by reason. */
    stream: Readonly<Record<RestartReason, number>>;
    /** Restarts of fallback polling, by reason. */
    poll: Readonly<Record<RestartReason, number>>;
  };
  /** Sets installed over HTTP, by the address they came from. */
  installsFrom: Readonly<Record<'primary' | 'secondary', number>>;
  /** How often the secondary address was asked because the primary took long. */
  hedges: number;
  /** How often the secondary address was asked because the primary failed. */
  failovers: number;
  /** Callbacks and `@OnQuonfigUpdate` handlers that threw or rejected. */
  callbackErrors: number;
  /** What became of telemetry reports. */
  telemetry: TelemetryMetrics;
  /** Why the last failed refresh or connection failed. Contains no secret. */
  lastError?: string;
}

/**
 * What is known of a service's state, as plain JSON.
 *
 * @publicApi
 */
export interface QuonfigHealth {
  /** Whether configs have been loaded. */
  ready: boolean;
  /**
   * How configs are to be kept current, as the options say: `stream`, `poll` (`enableSSE: false`), `manual` (without
   * polling too) or `local` (`datadir`, `datafile`). With `poll`, `falling_back` is the state to be in.
   */
  mode: DeliveryMode;
  /** How configs are kept current right now. */
  connectionState: ConnectionState;
  /** Whether the stream is refused and not asked again. */
  terminalFailure: boolean;
  /** Whether fallback polling is running. */
  fallbackPollerActive: boolean;
  /** When the source was last known to be reachable and what is held to be current, in ISO form. */
  lastSuccessfulRefresh: string | null;
  /** How long ago that was, in whole ms. On a connected stream it grows until the next change, with nothing wrong. */
  ageMs: number | null;
  /** Of the configs held; 0 for a source without generations. */
  generation: number;
  /** Of the configs held. */
  version: string | null;
  /** Environment of the configs held. */
  environment: string | null;
  /** Address of the last install over HTTP; empty before it, and for local sources. */
  resolvedFrom: 'primary' | 'secondary' | '';
  /** Installed envelopes since the service was created. */
  installs: number;
  /** How often the stream was begun again after it had ended or failed. */
  restarts: number;
  /** Why the last failed refresh or connection failed. Contains no secret. */
  lastError: string | null;
  /**
   * Whether the files of the `datadir` or `datafile` could not be read the last time, so that the current configs are older
   * than they are. `lastError` says why. Always `false` over the network.
   */
  olderThanFiles: boolean;
  /** Whether telemetry is sent. */
  telemetry: TelemetryState;
}
