import { SDK_VERSION } from '../delivery/sdk-version.js';
import { ClusterDelivery } from '../delivery/cluster/cluster-delivery.js';
import { DeliveryRecord } from '../delivery/delivery-record.js';
import { EnvelopeIntake } from '../delivery/envelope-intake.js';
import { LocalDelivery } from '../delivery/local-delivery.js';
import { localSource } from '../delivery/local-source.js';
import { NetworkDelivery } from '../delivery/network-delivery.js';
import {
  createHedgedFetch,
  createPollingFallback,
  createStream,
} from '../delivery/network-sources.js';
import { oncePerMessage } from '../logging/once-per-message.js';
import { outermostTier } from '../options/developer-context.js';
import type { ResolvedOptions } from '../options/index.js';
import { Persistence } from '../persistence/index.js';
import { ConfigReads } from '../reads/config-reads.js';
import { DatadirWatcher } from '../sources/datadir/datadir-watcher.js';
import { meetingPlace } from '../sources/cluster/meeting-place.js';
import { FailoverReport } from '../sources/http/failover-report.js';
import { HedgedFetch } from '../sources/http/hedged-fetch.js';
import { PollingFallbackService } from '../sources/poll/polling-fallback.service.js';
import { SseReconnectService } from '../sources/stream/sse-reconnect.service.js';
import { ConfigStore, Snapshot } from '../store/index.js';
import { redactFailed } from '../telemetry/telemetry.messages.js';
import { TelemetryEndpoint } from '../telemetry/report/telemetry-endpoint.js';
import { TelemetryReporter } from '../telemetry/report/telemetry-reporter.js';
import { type TelemetrySettings, TelemetryWindow } from '../telemetry/telemetry-window.js';
import { CallbackRunner } from '../updates/callback-runner.js';
import { isolatedBy } from '../updates/isolated-observable.js';
import { failoverSource } from './diagnostics.js';
import { evaluationHost, readSettings } from './part-settings.js';
import { type Exists, type PartName, type PartRow, type QuonfigParts, row } from './part-row.js';
import { QuonfigContext } from './quonfig-context.js';
import { AmbientContexts } from './ambient-contexts.js';

const always: Exists = () => true;
const onNetwork: Exists = ({ source }) => source === 'network';
const onFiles: Exists = ({ source }) => source === 'datadir' || source === 'datafile';
const streaming: Exists = ({ network }) => network?.enableSSE === true;
const sharing: Exists = ({ source, cluster }) => source === 'network' && cluster === 'shared';
const watching: Exists = ({ source, dataDirAutoReload }) =>
  source === 'datadir' && dataDirAutoReload;
const reporting: Exists = ({ telemetry }) => typeof telemetry !== 'string';

/** All parts, each after the parts it needs. Under Nest, every row with a token becomes a provider. */
export const PARTS: readonly PartRow[] = [
  row({
    name: 'warnOnce',
    exists: always,
    needs: ['options'],
    create: ({ options: { logger } }) => oncePerMessage((message) => logger.warn(message)),
  }),
  row({
    name: 'callbacks',
    token: CallbackRunner,
    exists: always,
    needs: ['options'],
    create: ({ options }) => new CallbackRunner(options.logger),
  }),
  row({
    name: 'store',
    token: ConfigStore,
    exists: always,
    needs: ['callbacks'],
    create: ({ callbacks }) => new ConfigStore(isolatedBy(callbacks)),
  }),
  row({
    name: 'toSnapshot',
    exists: always,
    needs: ['options', 'warnOnce'],
    create: ({ options, warnOnce }) => {
      const host = evaluationHost(options, warnOnce);
      return (envelope, origin) => Snapshot.fromEnvelope(envelope, origin, host);
    },
  }),
  row({
    name: 'ambient',
    exists: always,
    needs: ['options', 'warnOnce'],
    create: ({ options, warnOnce }) =>
      new AmbientContexts(outermostTier(options, { warnOnce }), { warnOnce }),
  }),
  row({
    name: 'context',
    token: QuonfigContext,
    exists: always,
    needs: ['ambient'],
    create: ({ ambient }) => new QuonfigContext(ambient),
  }),
  row({
    name: 'watcher',
    token: DatadirWatcher,
    exists: watching,
    needs: ['options'],
    create: ({ options: { datadir, dataDirAutoReloadDebounceMs, logger } }) =>
      new DatadirWatcher({ datadir: datadir!, dataDirAutoReloadDebounceMs, logger }),
  }),
  row({
    name: 'local',
    token: LocalDelivery,
    exists: onFiles,
    needs: ['options', 'warnOnce', 'store', 'callbacks', 'toSnapshot'],
    uses: ['watcher'],
    create: ({ options, warnOnce, store, callbacks, toSnapshot, watcher }) =>
      new LocalDelivery({
        store,
        source: localSource(options),
        watcher,
        initTimeout: options.initTimeout,
        logger: options.logger,
        warnOnce,
        isolate: isolatedBy(callbacks),
        toSnapshot,
      }),
  }),
  row({
    name: 'intake',
    exists: onNetwork,
    needs: ['options', 'store', 'toSnapshot'],
    create: ({ options, store, toSnapshot }) =>
      new EnvelopeIntake({
        store,
        record: new DeliveryRecord(),
        failover: new FailoverReport(options.logger),
        toSnapshot,
      }),
  }),
  row({
    name: 'hedgedFetch',
    token: HedgedFetch,
    exists: onNetwork,
    needs: ['options', 'intake'],
    create: ({ options, intake }) => createHedgedFetch(intake, options.network!),
  }),
  row({
    name: 'poller',
    token: PollingFallbackService,
    exists: onNetwork,
    needs: ['options', 'intake', 'hedgedFetch'],
    create: ({ options, intake, hedgedFetch }) =>
      createPollingFallback(hedgedFetch, intake, options.network!, options.logger),
  }),
  row({
    name: 'stream',
    token: SseReconnectService,
    exists: streaming,
    needs: ['options', 'intake', 'poller'],
    create: ({ options, intake, poller }) =>
      createStream(intake, poller, options.network!, options),
  }),
  row({
    name: 'persistence',
    token: Persistence,
    exists: ({ persistence }) => persistence !== undefined,
    needs: ['options'],
    create: ({ options: { persistence, logger } }) => new Persistence(persistence!, logger),
  }),
  row({
    name: 'network',
    token: NetworkDelivery,
    exists: onNetwork,
    needs: ['options', 'store', 'callbacks', 'intake', 'hedgedFetch', 'poller'],
    uses: ['stream', 'persistence'],
    create: ({ options, callbacks, ...parts }) =>
      new NetworkDelivery({
        ...parts,
        settings: options.network!,
        initTimeout: options.initTimeout,
        random: options.random,
        logger: options.logger,
        isolate: isolatedBy(callbacks),
      }),
  }),
  row({
    name: 'cluster',
    exists: sharing,
    needs: ['options', 'store', 'callbacks', 'intake', 'network'],
    create: ({ options, callbacks, ...parts }) =>
      new ClusterDelivery({
        ...parts,
        place: meetingPlace(options.network!, options.clusterDirectory),
        settings: options.network!,
        initTimeout: options.initTimeout,
        random: options.random,
        logger: options.logger,
        isolate: isolatedBy(callbacks),
      }),
  }),
  row({
    name: 'delivery',
    exists: always,
    needs: [],
    uses: ['local', 'cluster', 'network'],
    create: ({ local, cluster, network }) => (local ?? cluster ?? network)!,
  }),
  row({
    name: 'window',
    exists: reporting,
    needs: ['options', 'warnOnce', 'delivery'],
    create: ({ options: { telemetry }, warnOnce, delivery }) =>
      new TelemetryWindow({
        settings: telemetry as TelemetrySettings,
        failover: failoverSource(delivery),
        redactFailed: () => warnOnce(redactFailed()),
      }),
  }),
  row({
    name: 'reporter',
    token: TelemetryReporter,
    exists: reporting,
    needs: ['options', 'window'],
    create: ({ options: { telemetry, logger }, window }) => {
      const settings = telemetry as TelemetrySettings;
      const endpoint = new TelemetryEndpoint({ ...settings, sdkVersion: SDK_VERSION });
      return new TelemetryReporter({ ...settings, window, endpoint, logger });
    },
  }),
  row({
    name: 'reads',
    exists: always,
    needs: ['options', 'warnOnce', 'store'],
    uses: ['window'],
    create: ({ options, warnOnce, store, window }) =>
      new ConfigReads(store, readSettings(options, warnOnce), window),
  }),
];

/** The parts that `QuonfigService` uses. */
export type ServiceParts = Pick<
  QuonfigParts,
  | 'options'
  | 'store'
  | 'reads'
  | 'ambient'
  | 'cluster'
  | 'delivery'
  | 'callbacks'
  | 'reporter'
  | 'persistence'
>;

/**
 * Creates all parts. Those that do not exist for the given options are `undefined`.
 *
 * @param replaced parts to use as they are
 */
export function createParts(
  options: ResolvedOptions,
  replaced: Partial<QuonfigParts> = {},
): QuonfigParts {
  const parts: Partial<Record<PartName, unknown>> = { options };
  for (const part of PARTS) {
    const { name } = part;
    const { [name]: given = part.exists(options) ? part.create(parts) : undefined } = replaced;
    parts[name] = given;
  }
  return parts as unknown as QuonfigParts;
}
