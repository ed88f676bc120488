import type { ConfigSource } from '../delivery/local-source.js';
import type { NetworkSettings } from '../delivery/network-settings.js';
import type {
  ClusterPolicy,
  ContextFactory,
  OnInitFailure,
  OnNoDefault,
  OnUnknownKey,
  SdkLogger,
  QuonfigUpdate,
  SSEConnectionState,
} from '../interfaces/index.js';
import type { Contexts, Envelope } from '../model/index.js';
import type { PersistenceSettings } from '../persistence/index.js';
import type { TelemetryOff, TelemetrySettings } from '../telemetry/telemetry-window.js';

/** The options after the check, with every default filled in. */
export interface ResolvedOptions {
  readonly source: ConfigSource;
  /** Set if `source` is `network`, as are the next two for their sources. */
  readonly network: NetworkSettings | undefined;
  /** `undefined` without the option, and for other sources. */
  readonly persistence: PersistenceSettings | undefined;
  readonly datadir: string | undefined;
  readonly datafile: string | Envelope | undefined;
  /** Applies to a `datadir`; `undefined` if neither the option nor the variable is set. */
  readonly environment: string | undefined;
  readonly dataDirAutoReload: boolean;
  readonly dataDirAutoReloadDebounceMs: number;
  readonly initTimeout: number;
  readonly onInitFailure: OnInitFailure;
  readonly onNoDefault: OnNoDefault;
  readonly onUnknownKey: OnUnknownKey;
  readonly context: ContextFactory | undefined;
  readonly globalContext: Contexts | undefined;
  readonly enableQuonfigUserContext: boolean;
  readonly loggerKey: string | undefined;
  /** Never throws, even if the logger of the application does. */
  readonly logger: Required<SdkLogger>;
  readonly onConfigUpdate: ((update: QuonfigUpdate) => unknown) | undefined;
  readonly onSSEConnectionStateChange: ((state: SSEConnectionState) => unknown) | undefined;
  readonly cluster: ClusterPolicy;
  /** An absolute path. */
  readonly clusterDirectory: string | undefined;
  /** The settings, or why telemetry is off. */
  readonly telemetry: TelemetrySettings | TelemetryOff;
  readonly random: () => number;
}
