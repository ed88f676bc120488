import type { ContextProperties, Contexts, Envelope } from '../model/index.js';
import type { StreamState } from '../sources/stream/stream-state.js';
import type { QuonfigLogger } from './quonfig-logger.interface.js';
import type { QuonfigUpdate } from './quonfig-update.interface.js';

/** What a read without a value and without a default does. */
export type OnNoDefault = 'error' | 'warn' | 'ignore';

/** What the start of an application does when the first load fails. */
export type OnInitFailure = 'throw' | 'return-defaults';

/** What a refused stream (status 401, 403 or 404) means: nothing is asked any more, or configs are polled for. */
export type OnTerminalFailure = 'stop' | 'poll';

/** What a fork does to the service in the primary process of a cluster. */
export type ClusterPolicy = 'transparent' | 'suspend-primary';

/** What is told of the contexts of reads: their shapes and examples, their shapes alone, or nothing. */
export type ContextUploadMode = 'periodic_example' | 'shapes_only' | 'none';

/** Gives what may be kept of a context; `undefined` leaves it out. */
export type RedactContext = (
  contextName: string,
  properties: ContextProperties,
) => ContextProperties | undefined;

/** State of the stream, as `onSSEConnectionStateChange` hears it. Other words than those of `connectionState()`. */
export type SSEConnectionState = StreamState;

/**
 * Options of a Quonfig service. Checked when the service is made: all problems come in one `InvalidOptionsError`.
 *
 * @publicApi
 */
export interface QuonfigModuleOptions {
  /** SDK key of an environment: configs come over the network, unless `datadir` or `datafile` is given. Default: the variable `QUONFIG_BACKEND_SDK_KEY`. */
  sdkKey?: string;
  /** Domain of the delivery service. Default: the variable `QUONFIG_DOMAIN`, else `quonfig.com`. */
  domain?: string;
  /** Addresses of the API, primary and secondary. Default: `https://primary.<domain>` and `https://secondary.<domain>`. */
  apiUrls?: readonly string[];
  /** Address of the stream, for proxies, gateways and localhost. Default: `stream.` before the host of the first of `apiUrls`, or that itself if its host is an IP address. */
  streamUrl?: string;
  /** Whether changes are followed over the stream. Default `true`. */
  enableSSE?: boolean;
  /** How long the stream may be silent, heartbeats included, before it counts as dead, in ms. Default 90000. */
  sseReadDeadlineMs?: number;
  /** Whether configs are polled for while the stream is down, or when it is off. Default `true`. */
  fallbackPollEnabled?: boolean;
  /** From the end of one poll to the start of the next, in ms. A stream that has delivered is waited for twice as long. Default 60000. */
  fallbackPollIntervalMs?: number;
  /** @deprecated Use `fallbackPollEnabled`. */
  enablePolling?: boolean;
  /** @deprecated Use `fallbackPollIntervalMs`. */
  pollInterval?: number;
  /** How long the primary is left alone before the secondary is asked too, in ms. Default 2000. */
  configFetchHedgeDelayMs?: number;
  /** Limit of one request for configs, its body included, in ms. Default 6000. */
  configFetchHedgeAbortMs?: number;
  /** The largest body or event that is read, in bytes. Default 67108864. */
  maxEnvelopeBytes?: number;
  /** `"stop"` (default): when the stream refuses the key, nothing is asked any more until `reconnect()`. `"poll"`: configs are polled for. */
  onTerminalFailure?: OnTerminalFailure;
  /** Called with each state of the stream. What it throws or rejects with is logged and changes nothing. */
  onSSEConnectionStateChange?: (state: SSEConnectionState) => unknown;
  /** Makes the requests, for proxies and client certificates. Default: the global `fetch`. */
  fetch?: typeof globalThis.fetch;
  /** In the primary process of a cluster, `"suspend-primary"` suspends the service at the first fork; `resume()` undoes that. Default `"transparent"`: a fork changes nothing. */
  cluster?: ClusterPolicy;
  /** Accepted for compatibility; has no effect. */
  namespace?: string;
  /** Workspace directory to read configs from. Either this or `datafile`. Nothing is fetched then. */
  datadir?: string;
  /** An envelope, or the path of a JSON file with one. The object is copied. Either this or `datadir`. Nothing is fetched then. */
  datafile?: string | Envelope;
  /** Environment whose rules apply in a `datadir`. Default: the variable `QUONFIG_ENVIRONMENT`. */
  environment?: string;
  /** Whether edits of the `datadir` are followed. Default `false`. */
  dataDirAutoReload?: boolean;
  /** How long the files must be quiet before they are read again, in ms. Default 200; at most 2000 ms pass in all. */
  dataDirAutoReloadDebounceMs?: number;
  /** Limit of the first load, in ms. Default 10000. */
  initTimeout?: number;
  /** `"throw"` (default): the application does not start without configs. `"return-defaults"`: it does, and reads give their defaults. */
  onInitFailure?: OnInitFailure;
  /** What a read without a value and without a default does: throw (default), warn and give `undefined`, or just that. */
  onNoDefault?: OnNoDefault;
  /** Contexts for every read. A context of the same name that is bound or passed replaces it whole. Copied. */
  globalContext?: Contexts;
  /** Whether the e-mail address of the logged-in developer (`~/.quonfig`) is offered as context `quonfig-user`. Default: the variable `QUONFIG_DEV_CONTEXT`, else `true`; `null` counts as not set. */
  enableQuonfigUserContext?: boolean | null;
  /** Key of the config that `shouldLog({ loggerPath })` asks. */
  loggerKey?: string;
  /** Takes the messages of this library. Default: a Nest `Logger` named `Quonfig`. */
  logger?: QuonfigLogger;
  /** Called after every install, the first included. What it throws or rejects with is logged and changes nothing. */
  onConfigUpdate?: (update: QuonfigUpdate) => unknown;
  /** Address of the telemetry service. Default: `https://telemetry.<domain>`. Without an SDK key nothing is sent. */
  telemetryUrl?: string;
  /** Whether it is counted how often which value was read. Default `true`; telemetry is off when `contextUploadMode` is `"none"`, too. */
  collectEvaluationSummaries?: boolean;
  /** What is told of contexts. Default `"periodic_example"`: names and types of their properties, and an example of each identity per hour, values included. */
  contextUploadMode?: ContextUploadMode;
  /**
   * Called with a copy of every context before anything of it is kept for telemetry: within a read, once for each object
   * from one report to the next. It must not be async. What it throws leaves that context out.
   */
  redactContext?: RedactContext;
  /** From one report to the next, in ms. Default 60000. */
  telemetryFlushIntervalMs?: number;
  /** Limit of one report, in ms. Default 15000. */
  telemetryTimeoutMs?: number;
  /** How many reports that could not be sent are kept. Default 5. */
  telemetryMaxRetainedBatches?: number;
  /** How many bytes of them are kept. Default 2097152. */
  telemetryMaxRetainedBytes?: number;
  /** How long they are kept, in ms. Default 300000. */
  telemetryMaxRetainedAgeMs?: number;
  /** How many configs are counted from one report to the next. Default 10000. */
  telemetryMaxEvaluationSummaries?: number;
  /** How many properties of contexts are told of in one report. Default 10000. */
  telemetryMaxContextShapeFields?: number;
  /** How many example contexts are in one report. Default 10000. */
  telemetryMaxExampleContexts?: number;
  /** How this service calls itself in its reports. Default: a random UUID, one for each service. */
  instanceHash?: string;
  /** Source of random numbers, 0 inclusive to 1 exclusive, for splits without a property. Default `Math.random`. */
  random?: () => number;
}
