import { homedir } from 'node:os';
import { developerContextDomain, readDeveloperContext } from '../options/developer-context.js';
import type { Delivery } from '../delivery/delivery.js';
import { moreFindings } from '../delivery/delivery.messages.js';
import { DeliverySignals } from '../delivery/delivery-signals.js';
import { SDK_VERSION } from '../delivery/sdk-version.js';
import { EnvelopeIntake } from '../delivery/envelope-intake.js';
import { LocalDelivery, type LocalSource } from '../delivery/local-delivery.js';
import { NetworkDelivery } from '../delivery/network-delivery.js';
import { hedgedFetchInto, pollingFallbackWith, streamInto } from '../delivery/network-sources.js';
import type { EvaluationHost } from '../evaluation/index.js';
import { oncePerMessage } from '../logging/once-per-message.js';
import { contextTier, type ContextTier, type LoadedEnvelope, unpacked } from '../model/index.js';
import type { ResolvedOptions } from '../options/index.js';
import { ConfigReads } from '../reads/config-reads.js';
import { DatadirLoader } from '../sources/datadir/datadir-loader.js';
import { DatadirWatcher } from '../sources/datadir/datadir-watcher.js';
import { DatafileLoader } from '../sources/datafile/datafile-loader.js';
import type { HedgedFetch } from '../sources/http/hedged-fetch.js';
import type { PollingFallbackService } from '../sources/poll/polling-fallback.service.js';
import type { SseReconnectService } from '../sources/stream/sse-reconnect.service.js';
import { checkWorkspace, ConfigStore, Snapshot } from '../store/index.js';
import { redactFailed } from '../telemetry/telemetry.messages.js';
import { TelemetryEndpoint } from '../telemetry/telemetry-endpoint.js';
import { TelemetryReporter } from '../telemetry/telemetry-reporter.js';
import type { TelemetryOff } from '../telemetry/telemetry-settings.js';
import { TelemetryWindow } from '../telemetry/telemetry-window.js';
import { CallbackRunner } from '../updates/callback-runner.js';
import { isolatedBy } from '../updates/isolated-observable.js';

/** How many findings of the workspace check are logged one by one. */
const MAX_FINDINGS = 20;

/** The parts a service is made of. */
export interface QuonfigServiceParts {
  readonly reads: ConfigReads;
  /** Global and developer context. */
  readonly tier: ContextTier | undefined;
  readonly delivery: Delivery;
  readonly callbacks: CallbackRunner;
  readonly telemetry: TelemetryReporter | undefined;
  /** Why there is no reporter. */
  readonly telemetryOff: TelemetryOff | undefined;
}

export function createCallbackRunner({ logger }: ResolvedOptions): CallbackRunner {
  return new CallbackRunner(logger);
}

export function createStore(callbacks: CallbackRunner): ConfigStore {
  return new ConfigStore(isolatedBy(callbacks));
}

/** `undefined` when edits are not to be followed. */
export function createDatadirWatcher(options: ResolvedOptions): DatadirWatcher | undefined {
  const { datadir, dataDirAutoReload, dataDirAutoReloadDebounceMs, logger } = options;
  if (datadir === undefined || !dataDirAutoReload) return undefined;
  return new DatadirWatcher({ datadir, debounceMs: dataDirAutoReloadDebounceMs, logger });
}

/** `undefined` when configs come over the network. */
export function createLocalDelivery(
  options: ResolvedOptions,
  store: ConfigStore,
  callbacks: CallbackRunner,
  watcher: DatadirWatcher | undefined,
): LocalDelivery | undefined {
  const { network, initTimeout, logger, datadir } = options;
  if (network !== undefined) return undefined;
  return new LocalDelivery({
    store,
    source: localSource(options),
    watcher,
    initTimeout,
    logger,
    isolate: isolatedBy(callbacks),
    toSnapshot: snapshots(options),
    check: ({ configs }) => {
      if (datadir === undefined) return;
      const findings = checkWorkspace(configs.map(unpacked));
      for (const finding of findings.slice(0, MAX_FINDINGS)) logger.warn(finding);
      const more = findings.length - MAX_FINDINGS;
      if (more > 0) logger.warn(moreFindings(more));
    },
  });
}

/** `undefined` when configs are read from files, as are the parts that follow. */
export function createIntake(
  options: ResolvedOptions,
  store: ConfigStore,
): EnvelopeIntake | undefined {
  if (options.network === undefined) return undefined;
  const signals = new DeliverySignals();
  return new EnvelopeIntake({ store, signals, toSnapshot: snapshots(options) });
}

export function createHedgedFetch(
  { network, logger }: ResolvedOptions,
  intake: EnvelopeIntake | undefined,
): HedgedFetch | undefined {
  return network && intake && hedgedFetchInto(intake, network, logger);
}

export function createPollingFallback(
  { network, logger }: ResolvedOptions,
  intake: EnvelopeIntake | undefined,
  fetch: HedgedFetch | undefined,
): PollingFallbackService | undefined {
  return network && intake && fetch && pollingFallbackWith(fetch, intake, network, logger);
}

/** `undefined` with `enableSSE: false`, too. */
export function createStream(
  options: ResolvedOptions,
  intake: EnvelopeIntake | undefined,
  poller: PollingFallbackService | undefined,
): SseReconnectService | undefined {
  const { network } = options;
  if (!network?.enableSSE || intake === undefined || poller === undefined) return undefined;
  return streamInto(intake, poller, network, options);
}

export function createNetworkDelivery(
  { network: settings, initTimeout, logger }: ResolvedOptions,
  store: ConfigStore,
  callbacks: CallbackRunner,
  intake: EnvelopeIntake | undefined,
  fetch: HedgedFetch | undefined,
  poller: PollingFallbackService | undefined,
  stream: SseReconnectService | undefined,
): NetworkDelivery | undefined {
  if (!settings || !intake || !fetch || !poller) return undefined;
  return new NetworkDelivery({
    store,
    intake,
    hedgedFetch: fetch,
    poller,
    stream,
    settings,
    initTimeout,
    logger,
    isolate: isolatedBy(callbacks),
  });
}

/** The one of the two that there is. */
export function chooseDelivery(
  local: LocalDelivery | undefined,
  network: NetworkDelivery | undefined,
): Delivery {
  return (local ?? network)!;
}

/** Makes all parts of the delivery, for a service without a container. */
export function createDelivery(
  options: ResolvedOptions,
  store: ConfigStore,
  callbacks: CallbackRunner,
): Delivery {
  const intake = createIntake(options, store);
  const fetch = createHedgedFetch(options, intake);
  const poller = createPollingFallback(options, intake, fetch);
  const stream = createStream(options, intake, poller);
  return chooseDelivery(
    createLocalDelivery(options, store, callbacks, createDatadirWatcher(options)),
    createNetworkDelivery(options, store, callbacks, intake, fetch, poller, stream),
  );
}

/** `undefined` when nothing is to be recorded, as is the reporter then. */
export function createTelemetryWindow(
  { telemetry, logger }: ResolvedOptions,
  delivery: Delivery,
): TelemetryWindow | undefined {
  if (typeof telemetry === 'string') return undefined;
  const warnOnce = oncePerMessage((message) => logger.warn(message));
  return new TelemetryWindow({
    settings: telemetry,
    failover: {
      totals: () => {
        const { hedges, failovers, guardRejected, installsFrom } = delivery.counters;
        return {
          hedgeFired: hedges + failovers,
          guardRejected,
          resolvedFromPrimary: installsFrom.primary,
          resolvedFromSecondary: installsFrom.secondary,
        };
      },
      counted$: delivery.counted$,
    },
    redactFailed: () => warnOnce(redactFailed()),
  });
}

export function createTelemetryReporter(
  { telemetry, logger }: ResolvedOptions,
  window: TelemetryWindow | undefined,
): TelemetryReporter | undefined {
  if (typeof telemetry === 'string' || window === undefined) return undefined;
  const endpoint = new TelemetryEndpoint({ ...telemetry, sdkVersion: SDK_VERSION });
  return new TelemetryReporter({ ...telemetry, window, endpoint, logger });
}

export function createServiceParts(
  options: ResolvedOptions,
  store: ConfigStore,
  delivery: Delivery,
  callbacks: CallbackRunner,
  window: TelemetryWindow | undefined,
  telemetry: TelemetryReporter | undefined,
): QuonfigServiceParts {
  const { onNoDefault, loggerKey, logger, onConfigUpdate, onSSEConnectionStateChange } = options;
  const warn = (message: string) => logger.warn(message);
  const settings = { onNoDefault, loggerKey, warn, warnOnce: oncePerMessage(warn) };
  const reads = new ConfigReads(store, settings, window);
  if (onConfigUpdate !== undefined) {
    store.updates$.subscribe((update) => {
      callbacks.run('onConfigUpdate', () => onConfigUpdate(update));
    });
  }
  if (onSSEConnectionStateChange !== undefined) {
    delivery.streamState$.subscribe((state) => {
      callbacks.run('onSSEConnectionStateChange', () => onSSEConnectionStateChange(state));
    });
  }
  const telemetryOff = typeof options.telemetry === 'string' ? options.telemetry : undefined;
  return { reads, tier: outermostTiers(options), delivery, callbacks, telemetry, telemetryOff };
}

function snapshots(options: ResolvedOptions) {
  const host = evaluationHost(options);
  return (envelope: LoadedEnvelope, origin: string): Promise<Snapshot> =>
    Snapshot.of(envelope, origin, host);
}

function evaluationHost({ logger, random }: ResolvedOptions): EvaluationHost {
  return {
    now: () => Date.now(),
    random,
    env: (name) => process.env[name],
    warnOnce: oncePerMessage((message) => logger.warn(message)),
  };
}

function localSource({ datadir, datafile, environment }: ResolvedOptions): LocalSource {
  if (datadir !== undefined) {
    const loader = new DatadirLoader(datadir, environment);
    return { kind: 'datadir', origin: datadir, load: () => loader.load() };
  }
  const loader = new DatafileLoader(datafile!);
  const origin = typeof datafile === 'string' ? datafile : 'the option "datafile"';
  return { kind: 'datafile', origin, load: () => loader.load() };
}

function outermostTiers(options: ResolvedOptions): ContextTier | undefined {
  const developer = readDeveloperContext({
    enabled: options.enableQuonfigUserContext,
    homeDir: homedir(),
    domain: developerContextDomain(options.network?.addresses.apiUrls[0]),
    warn: (message) => options.logger.warn(message),
  });
  return contextTier(options.globalContext, contextTier(developer));
}
