import type { ClusterDelivery } from '../delivery/cluster/cluster-delivery.js';
import type { Delivery } from '../delivery/delivery.js';
import type { EnvelopeIntake } from '../delivery/envelope-intake.js';
import type { LocalDelivery } from '../delivery/local-delivery.js';
import type { NetworkDelivery } from '../delivery/network-delivery.js';
import type { LoadedEnvelope } from '../model/index.js';
import type { ResolvedOptions } from '../options/index.js';
import type { Persistence } from '../persistence/index.js';
import type { ConfigReads } from '../reads/config-reads.js';
import type { DatadirWatcher } from '../sources/datadir/datadir-watcher.js';
import type { HedgedFetch } from '../sources/http/hedged-fetch.js';
import type { PollingFallbackService } from '../sources/poll/polling-fallback.service.js';
import type { SseReconnectService } from '../sources/stream/sse-reconnect.service.js';
import type { ConfigStore, Snapshot } from '../store/index.js';
import type { TelemetryReporter } from '../telemetry/report/telemetry-reporter.js';
import type { TelemetryWindow } from '../telemetry/telemetry-window.js';
import type { CallbackRunner } from '../updates/callback-runner.js';
import type { AmbientContexts } from './ambient-contexts.js';
import type { QuonfigContext } from './quonfig-context.js';

/** The parts of one service. Parts that do not exist for the given options are `undefined`. */
export interface QuonfigParts {
  readonly options: ResolvedOptions;
  /** Logs each warning once per service, whatever part it comes from. */
  readonly warnOnce: (message: string) => void;
  readonly callbacks: CallbackRunner;
  readonly store: ConfigStore;
  /** Creates the snapshot of an envelope. `origin` names its source in messages. */
  readonly toSnapshot: (envelope: LoadedEnvelope, origin: string) => Promise<Snapshot>;
  /** The contexts of requests, over the global and developer context. */
  readonly ambient: AmbientContexts;
  readonly context: QuonfigContext;
  readonly watcher: DatadirWatcher | undefined;
  readonly local: LocalDelivery | undefined;
  readonly intake: EnvelopeIntake | undefined;
  readonly hedgedFetch: HedgedFetch | undefined;
  readonly poller: PollingFallbackService | undefined;
  readonly stream: SseReconnectService | undefined;
  readonly persistence: Persistence | undefined;
  readonly network: NetworkDelivery | undefined;
  readonly cluster: ClusterDelivery | undefined;
  /** The first of `local`, `cluster` and `network` that exists. */
  readonly delivery: Delivery;
  readonly window: TelemetryWindow | undefined;
  readonly reporter: TelemetryReporter | undefined;
  readonly reads: ConfigReads;
}

export type PartName = keyof QuonfigParts;
export type Exists = (options: ResolvedOptions) => boolean;
type PartToken = new (...parameters: never[]) => unknown;

/** One row of the table: a part with its token, its condition, its dependencies and its factory. */
export interface PartRow {
  /** Stable: named instances derive their tokens from it, never from a class name that a bundler may change. */
  readonly name: PartName;
  /** Its class, if applications can inject it. */
  readonly token: PartToken | undefined;
  readonly exists: Exists;
  /** Parts that exist whenever this one does. */
  readonly needs: readonly PartName[];
  /** Parts that may be absent. */
  readonly uses: readonly PartName[];
  create(parts: object): unknown;
}

/** Checks the types of `create` against the names in `needs` and `uses`; the resulting row is untyped. */
export function row<
  Name extends PartName,
  Needs extends PartName,
  Uses extends PartName = never,
>(given: {
  name: Name;
  token?: PartToken;
  exists: Exists;
  needs: readonly Needs[];
  uses?: readonly Uses[];
  create(
    parts: { readonly [Need in Needs]: NonNullable<QuonfigParts[Need]> } & Pick<QuonfigParts, Uses>,
  ): QuonfigParts[Name];
}): PartRow {
  return { token: undefined, uses: [], ...given };
}
