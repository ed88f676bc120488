import type { ClusterRole } from '../delivery/cluster/cluster-role.js';
import type { ConnectionState } from '../delivery/connection-state.js';
import type { DeliveryCounters, DeliveryMode } from '../delivery/delivery.js';
import type { UpdateSource } from '../model/index.js';
import type { PersistenceCounters } from '../persistence/index.js';
import type { DropCause } from '../telemetry/report/batch-queue.js';

export type { ClusterRole } from '../delivery/cluster/cluster-role.js';
export type { RestartReason } from '../sources/stream/stream-state.js';

/**
 * Whether telemetry is sent. `refused`: the telemetry service refused the SDK key, and nothing more is recorded.
 *
 * @publicApi
 */
export type TelemetryState = 'on' | 'off' | 'refused';

/**
 * Why telemetry is not on: there is no SDK key (`no_sdk_key`), the options disable every collector (`turned_off`), no
 * reporter is running because the service is not started or is suspended (`paused`), the telemetry service refused the SDK
 * key (`refused`), or the service is closed (`closed`).
 *
 * @publicApi
 */
export type TelemetryOffReason = 'no_sdk_key' | 'turned_off' | 'paused' | 'refused' | 'closed';

/**
 * Counters of telemetry since the service was created. A batch is one report.
 *
 * @publicApi
 */
export interface TelemetryMetrics {
  /** Whether telemetry is sent. */
  state: TelemetryState;
  /** Why `state` is not `on`. */
  reason?: TelemetryOffReason;
  /** HTTP status of the refusal. */
  refusedWith?: number;
  /** Batches that the telemetry service accepted. */
  batchesSent: number;
  /** Batches that wait for a retry. */
  batchesRetained: number;
  /** Total size of the batches that wait for a retry, in bytes. */
  bytesRetained: number;
  /** Lost batches, by cause. */
  batchesDropped: Readonly<Record<DropCause, number>>;
}

/**
 * Counters since the service was created, as plain JSON.
 *
 * @publicApi
 */
export interface QuonfigMetrics extends DeliveryCounters {
  /** How requests identify the SDK, e.g. `nestjs-1.2.3`. */
  sdkVersion: string;
  /** Installed envelopes. */
  installs: number;
  /** Callbacks and `@OnQuonfigUpdate` handlers that threw or rejected. */
  callbackErrors: number;
  /** Counters of persistence; absent without the option. */
  persistence?: PersistenceCounters;
  /** Counters of telemetry. */
  telemetry: TelemetryMetrics;
}

/**
 * State of a service, as plain JSON.
 *
 * @publicApi
 */
export interface QuonfigHealth {
  /** Whether configs have been loaded. */
  ready: boolean;
  /**
   * How the options keep configs current: `stream`, `poll` (`enableSSE: false`), `manual` (polling is off too) or `local`
   * (`datadir`, `datafile`). With `poll`, `falling_back` is the normal connection state.
   */
  mode: DeliveryMode;
  /** Whether the current configs follow their source. */
  connectionState: ConnectionState;
  /** Whether the server refused the stream; the SDK then stops connecting until `reconnect()`. */
  terminalFailure: boolean;
  /** Whether fallback polling is running. */
  fallbackPollerActive: boolean;
  /** When the SDK last knew that its configs were current, as an ISO 8601 string; `null` before the first time. */
  lastSuccessfulRefresh: string | null;
  /** Time since then, in whole ms. On a connected stream it grows until the next change, which is normal. */
  ageMs: number | null;
  /** Generation of the current configs; 0 for a source without generations. */
  generation: number;
  /** Version of the current configs; `null` before the first load. */
  version: string | null;
  /** Environment of the current configs; `null` before the first load. */
  environment: string | null;
  /** Where the current configs came from; `persistence` means saved configs, and
   * `cluster` the process that leads. `null` before the first load. */
  source: UpdateSource | null;
  /** How the process shares one stream with others; absent without `cluster: "shared"`. */
  cluster?: ClusterRole;
  /** Which API the last install over HTTP came from; `''` before the first, and for local sources. */
  resolvedFrom: 'primary' | 'secondary' | '';
  /** Installed envelopes since the service was created. */
  installs: number;
  /** Restarts of the stream since the service was created. */
  restarts: number;
  /** Why the last failed refresh or connection failed; `null` without one. Contains no secrets. */
  lastError: string | null;
  /**
   * Whether the last attempt to read the `datadir` or `datafile` failed, so the files may be newer than the current configs.
   * `lastError` says why. Always `false` over the network.
   */
  olderThanFiles: boolean;
  /** Whether telemetry is sent. */
  telemetry: TelemetryState;
}
