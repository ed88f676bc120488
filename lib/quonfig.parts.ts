import { homedir } from 'node:os';
import { developerContextDomain, readDeveloperContext } from './context/developer-context.js';
import { moreFindings, startedWithoutConfigs } from './delivery/delivery.messages.js';
import { LocalDelivery, type LocalSource } from './delivery/local-delivery.js';
import type { EvaluationHost } from './evaluation/index.js';
import { oncePerMessage } from './logging/once-per-message.js';
import { contextTier, type ContextTier, unpacked } from './model/index.js';
import type { ResolvedOptions } from './options/index.js';
import { ConfigReads } from './reads/config-reads.js';
import { DatadirLoader } from './sources/datadir/datadir-loader.js';
import { DatadirWatcher } from './sources/datadir/datadir-watcher.js';
import { DatafileLoader } from './sources/datafile/datafile-loader.js';
import { checkWorkspace, ConfigStore, Snapshot } from './store/index.js';
import { CallbackRunner } from './updates/callback-runner.js';

/** How many findings of the workspace check are logged one by one. */
const MAX_FINDINGS = 20;

/** The parts a service is made of. */
export interface QuonfigServiceParts {
  readonly reads: ConfigReads;
  /** Global and developer context. */
  readonly tier: ContextTier | undefined;
  readonly delivery: LocalDelivery;
  readonly callbacks: CallbackRunner;
}

export function createCallbackRunner({ logger }: ResolvedOptions): CallbackRunner {
  return new CallbackRunner(logger);
}

/** `undefined` when edits are not to be followed. */
export function createDatadirWatcher(options: ResolvedOptions): DatadirWatcher | undefined {
  const { datadir, dataDirAutoReload, dataDirAutoReloadDebounceMs, logger } = options;
  if (datadir === undefined || !dataDirAutoReload) return undefined;
  return new DatadirWatcher({ datadir, debounceMs: dataDirAutoReloadDebounceMs, logger });
}

export function createDelivery(
  options: ResolvedOptions,
  store: ConfigStore,
  watcher: DatadirWatcher | undefined,
): LocalDelivery {
  const { initTimeout, logger, datadir } = options;
  const host = evaluationHost(options);
  return new LocalDelivery({
    store,
    source: localSource(options),
    watcher,
    initTimeout,
    logger,
    toSnapshot: (envelope, origin) => Snapshot.of(envelope, origin, host),
    check: ({ configs }) => {
      if (datadir === undefined) return;
      const findings = checkWorkspace(configs.map(unpacked));
      for (const finding of findings.slice(0, MAX_FINDINGS)) logger.warn(finding);
      const more = findings.length - MAX_FINDINGS;
      if (more > 0) logger.warn(moreFindings(more));
    },
  });
}

/** Does the first load under the policy `onInitFailure`. */
export async function firstLoad(
  { onInitFailure, logger }: ResolvedOptions,
  delivery: LocalDelivery,
): Promise<void> {
  try {
    await delivery.load();
  } catch (error) {
    if (onInitFailure === 'throw') {
      await delivery.close();
      throw error;
    }
    logger.warn(startedWithoutConfigs(error instanceof Error ? error.message : ''));
  }
}

export function createServiceParts(
  options: ResolvedOptions,
  store: ConfigStore,
  delivery: LocalDelivery,
  callbacks: CallbackRunner,
): QuonfigServiceParts {
  const { onNoDefault, loggerKey, logger, onConfigUpdate } = options;
  const warn = (message: string) => logger.warn(message);
  const reads = new ConfigReads(store, {
    onNoDefault,
    loggerKey,
    warn,
    warnOnce: oncePerMessage(warn),
  });
  if (onConfigUpdate !== undefined) {
    store.updates$.subscribe((update) => {
      callbacks.run('onConfigUpdate', () => onConfigUpdate(update));
    });
  }
  return { reads, tier: outermostTiers(options), delivery, callbacks };
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
  const origin = typeof datafile === 'string' ? datafile : 'the datafile option';
  return { kind: 'datafile', origin, load: () => loader.load() };
}

function outermostTiers(options: ResolvedOptions): ContextTier | undefined {
  const developer = readDeveloperContext({
    enabled: options.enableQuonfigUserContext,
    homeDir: homedir(),
    domain: developerContextDomain(undefined),
    warn: (message) => options.logger.warn(message),
  });
  return contextTier(options.globalContext, contextTier(developer));
}
