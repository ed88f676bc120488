import type { OnInitFailure } from '../delivery/init-policy.js';
import type { Contexts, Envelope } from '../model/index.js';
import type { PersistenceOptions } from '../persistence/index.js';
import type { QuonfigFetch } from '../requests/index.js';
import type { OnTerminalFailure } from '../sources/poll/poll-step.js';
import type { StreamState } from '../sources/stream/stream-state.js';
import type { RedactContext } from '../telemetry/contexts/merged-contexts.js';
import type { ContextUploadMode } from '../telemetry/telemetry-window.js';
import type { ContextFactory } from './context-source.interface.js';
import type { SdkLogger } from './sdk-logger.interface.js';
import type { QuonfigUpdate } from './quonfig-update.interface.js';

export type { ContextUploadMode, OnInitFailure, OnTerminalFailure, RedactContext };

/**
 * What a read does when it has neither a value nor a default: throws, warns and returns `undefined`, or returns `undefined`.
 *
 * @publicApi
 */
export type OnNoDefault = 'error' | 'warn' | 'ignore';

/**
 * What a read does when no config has its key: logs a warning, logs nothing, or throws.
 *
 * @publicApi
 */
export type OnUnknownKey = 'warn' | 'silent' | 'throw';

/**
 * How the processes on a machine receive configs: each over a stream of its own (`transparent`), the same with a
 * primary process that is suspended when it first forks (`suspend-primary`), or all over the one stream of the process
 * that leads (`shared`).
 *
 * @publicApi
 */
export type ClusterPolicy = 'transparent' | 'suspend-primary' | 'shared';

/**
 * State of the stream, as `onSSEConnectionStateChange` receives it. `connectionState()` has other states.
 *
 * @publicApi
 */
export type SSEConnectionState = StreamState;

/**
 * Options of a Quonfig service, checked when the service is created: one `InvalidOptionsError` names all problems.
 *
 * @publicApi
 */
export interface QuonfigModuleOptions {
  /**
   * Server key (`qf_sk_…`) of an environment. Configs come over the network unless `datadir` or `datafile` is set;
   * telemetry is sent. Default: the variable `QUONFIG_BACKEND_SDK_KEY`.
   */
  sdkKey?: string | undefined;
  /**
   * Workspace directory to read configs from, relative to the working directory. Nothing is fetched. Set this or
   * `datafile`.
   */
  datadir?: string | undefined;
  /**
   * Envelope to read configs from, or the path of a JSON file with one. An object is copied. Nothing is fetched.
   */
  datafile?: string | Envelope | undefined;
  /** Deadline for the first load, retries included, in ms. Set it above `configFetchHedgeAbortMs`. Default: `10000`. */
  initTimeout?: number | undefined;
  /**
   * What happens if the first load fails: `"throw"` fails startup; `"return-defaults"` logs a warning and reads return
   * their defaults until configs arrive. Default: `"throw"`.
   */
  onInitFailure?: OnInitFailure | undefined;
  /**
   * Environment whose rules apply in a `datadir`. With an SDK key it is ignored with a warning: the key determines
   * the environment. Default: the variable `QUONFIG_ENVIRONMENT`.
   */
  environment?: string | undefined;
  /** Whether the SDK follows edits in the `datadir`. Default: `false`. */
  dataDirAutoReload?: boolean | undefined;
  /**
   * How long the files must be quiet before they are read again, in ms. The total wait is at least 60 ms and at most
   * 2000 ms. Default: `200`.
   */
  dataDirAutoReloadDebounceMs?: number | undefined;
  /** Domain of the default URLs. Default: the variable `QUONFIG_DOMAIN`, else `"quonfig.com"`. */
  domain?: string | undefined;
  /**
   * Base URLs of the primary and secondary API. With only one, failover is off and a warning is logged. Default:
   * `https://primary.<domain>` and `https://secondary.<domain>`.
   */
  apiUrls?: readonly string[] | undefined;
  /**
   * Base URL of the stream, for proxies, gateways and `localhost`. Default: `stream.` before the host of the
   * primary, or the primary itself if its host is an IP address.
   */
  streamUrl?: string | undefined;
  /** Whether changes are followed over the stream (SSE). Default: `true`. */
  enableSSE?: boolean | undefined;
  /**
   * How long the stream may be silent, heartbeats included, before the SDK reconnects, in ms. Above 300000 it needs
   * a custom `fetch`, because the built-in one gives up then. Default: `90000`.
   */
  sseReadDeadlineMs?: number | undefined;
  /** Whether the SDK polls for configs while the stream is down or off. Default: `true`. */
  fallbackPollEnabled?: boolean | undefined;
  /**
   * Interval between two polls, in ms. If a stream that had delivered is lost, polling starts after twice this time.
   * Default: `60000`.
   */
  fallbackPollIntervalMs?: number | undefined;
  /** Delay before the secondary API is also queried, in ms. Default: `2000`. */
  configFetchHedgeDelayMs?: number | undefined;
  /** Deadline for one request for configs, including its body, in ms. Default: `6000`. */
  configFetchHedgeAbortMs?: number | undefined;
  /** Maximum size of a response or event, in bytes after decompression. Default: `67108864`. */
  maxEnvelopeBytes?: number | undefined;
  /**
   * What happens if the server refuses the stream (401, 403, 404): `"stop"` makes no more requests until
   * `reconnect()`; `"poll"` polls. Default: `"stop"`.
   */
  onTerminalFailure?: OnTerminalFailure | undefined;
  /**
   * Saves the configs in a file or store, so that a process can start while the APIs are unreachable: `file` or `store`,
   * `maxAge`, `preferCache`, `encryptionKey`. Default: nothing is saved.
   */
  persistence?: PersistenceOptions | undefined;
  /** Makes all requests: for proxies and client certificates. Default: the global `fetch`. */
  fetch?: QuonfigFetch | undefined;
  /**
   * How the processes on a machine receive configs. `"transparent"`: each over a stream of its own;
   * `"suspend-primary"`: likewise, and the first fork suspends the service in the primary process of a cluster;
   * `"shared"`: all over one stream. Default: `"transparent"`.
   */
  cluster?: ClusterPolicy | undefined;
  /**
   * Directory of the socket over which processes share a stream with `cluster: "shared"`, for containers that share a volume.
   * On Windows, part of the name of a pipe. Default: a per-user directory in the system directory for temporary files.
   */
  clusterDirectory?: string | undefined;
  /**
   * What a read does when it has neither a value nor a default: `"error"` throws; `"warn"` logs a warning and
   * returns `undefined`; `"ignore"` returns `undefined`. Default: `"error"`.
   */
  onNoDefault?: OnNoDefault | undefined;
  /**
   * What a read does when no config has its key: `"warn"` logs a warning, once per key and install; `"silent"` logs
   * none; `"throw"` throws `UnknownKeyError`, even with a default, for tests and CI. Default: `"warn"`.
   */
  onUnknownKey?: OnUnknownKey | undefined;
  /**
   * Returns the contexts of a request or message: reads within it use them. They rank between bound contexts and
   * `globalContext`. An async function is awaited before guards.
   */
  context?: ContextFactory | undefined;
  /** Contexts for every read. Copied. */
  globalContext?: Contexts | undefined;
  /**
   * Whether rules see the email address of the logged-in developer as context `quonfig-user`. `null` counts as
   * omitted. Default: the variable `QUONFIG_DEV_CONTEXT`, else `true`.
   */
  enableQuonfigUserContext?: boolean | null | undefined;
  /** Key of the config with the levels of all loggers. */
  loggerKey?: string | undefined;
  /**
   * Returns random numbers from 0 (inclusive) to 1 (exclusive), for splits without a property. Default:
   * `Math.random`.
   */
  random?: (() => number) | undefined;
  /**
   * Receives the messages of the SDK: an object with `warn` and `error`, and optionally `debug` and `info` (or
   * `log`). What it throws is ignored. Default: a Nest `Logger` named `Quonfig`.
   */
  logger?: SdkLogger | undefined;
  /** Called after every install, including the first. A throw or rejection is logged. */
  onConfigUpdate?: ((update: QuonfigUpdate) => unknown) | undefined;
  /** Called with each state of the stream. A throw or rejection is logged. */
  onSSEConnectionStateChange?: ((state: SSEConnectionState) => unknown) | undefined;
  /** Base URL of the telemetry service. Default: `https://telemetry.<domain>`. */
  telemetryUrl?: string | undefined;
  /** Whether the SDK reports how often each value was read. Default: `true`. */
  collectEvaluationSummaries?: boolean | undefined;
  /**
   * What the SDK reports about contexts: `"periodic_example"` reports property names and types with example values;
   * `"shapes_only"` omits the values; `"none"` reports nothing. Default: `"periodic_example"`.
   */
  contextUploadMode?: ContextUploadMode | undefined;
  /** Returns what telemetry may keep of a context; `undefined` leaves the context out. */
  redactContext?: RedactContext | undefined;
  /** Interval between two reports, in ms. Default: `60000`. */
  telemetryFlushIntervalMs?: number | undefined;
  /** Deadline for sending one report, in ms. Default: `15000`. */
  telemetryTimeoutMs?: number | undefined;
  /** Maximum number of unsent reports kept for a retry. Default: `5`. */
  telemetryMaxRetainedBatches?: number | undefined;
  /** Maximum size of the unsent reports in total, in bytes. Default: `2097152`. */
  telemetryMaxRetainedBytes?: number | undefined;
  /** Maximum age of an unsent report, in ms. Default: `300000`. */
  telemetryMaxRetainedAgeMs?: number | undefined;
  /** Maximum number of configs counted in one report. Default: `10000`. */
  telemetryMaxEvaluationSummaries?: number | undefined;
  /** Maximum number of context properties in one report. Default: `10000`. */
  telemetryMaxContextShapeFields?: number | undefined;
  /** Maximum number of example contexts in one report. Default: `10000`. */
  telemetryMaxExampleContexts?: number | undefined;
  /** Identifies this service in its reports. Default: a random UUID. */
  instanceHash?: string | undefined;
}
