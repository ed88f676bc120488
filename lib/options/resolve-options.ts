import type { ConfigSource } from '../delivery/local-source.js';
import type { NetworkSettings } from '../delivery/network-settings.js';
import { InvalidOptionsError } from '../errors/index.js';
import type { QuonfigModuleOptions } from '../interfaces/index.js';
import { closestName } from '../model/index.js';
import { developerContextEnabled } from './developer-context.js';
import { kindOf } from './kind.js';
import { checkOptionsObject } from './module-options.js';
import {
  keyWarnings,
  networkProblems,
  networkSettings,
  networkWarnings,
} from './network-options.js';
import { fromEnvironment, OPTION_ROWS, withDefault } from './option-table.js';
import {
  misplacedExtra,
  noSource,
  twoSources,
  unknownOption,
  withoutEffect,
  wrongKind,
} from './options.messages.js';
import { persistenceProblems, persistenceSettings } from './persistence-options.js';
import { followsProxyVariables, proxyNotice } from './proxy-notice.js';
import { resolveLogger } from './resolve-logger.js';
import type { ResolvedOptions } from './resolved-options.js';
import { givenPath } from '../sources/given-path.js';
import { sourceOf } from './source-of.js';
import type { TelemetryOff, TelemetrySettings } from '../telemetry/telemetry-window.js';
import { telemetrySettings } from './telemetry-options.js';

const SOURCES = ['datadir', 'datafile', 'sdkKey'];
const MODULE_EXTRAS = ['isGlobal', 'name'];
/** Options of other Quonfig SDKs whose name is too different to be found by its letters. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['enablePolling', 'fallbackPollEnabled'],
  ['pollInterval', 'fallbackPollIntervalMs'],
]);

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {InvalidOptionsError} `invalid_options`: names every problem
 */
export function resolveOptions(
  options: QuonfigModuleOptions,
  env: NodeJS.ProcessEnv = process.env,
): ResolvedOptions {
  const problems = problemsOf(options, env);
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  const logger = resolveLogger(options.logger);
  const source = sourceOf(options, env)!;
  const network = source === 'network' ? networkSettings(options, env) : undefined;
  const telemetry = telemetrySettings(options, env);
  const warnings = [
    ...ineffective(options, source),
    ...(network === undefined ? [] : networkWarnings(options, network, env)),
    ...(network === undefined && typeof telemetry === 'string' ? [] : keyWarnings(options, env)),
  ];
  for (const warning of warnings) logger.warn(warning);
  if (options.fetch === undefined && !followsProxyVariables(env)) {
    const notice = proxyNotice(addressesOf(network, telemetry), env);
    if (notice !== undefined) logger.info(notice);
  }
  return {
    source,
    network,
    persistence: network && persistenceSettings(options, network.sdkKey, network.maxEnvelopeBytes),
    datadir: options.datadir,
    datafile: options.datafile,
    environment:
      source === 'datadir'
        ? (options.environment ?? fromEnvironment('environment', env))
        : undefined,
    dataDirAutoReload: withDefault(options, 'dataDirAutoReload'),
    dataDirAutoReloadDebounceMs: withDefault(options, 'dataDirAutoReloadDebounceMs'),
    initTimeout: withDefault(options, 'initTimeout'),
    onInitFailure: withDefault(options, 'onInitFailure'),
    onNoDefault: withDefault(options, 'onNoDefault'),
    onUnknownKey: withDefault(options, 'onUnknownKey'),
    context: options.context,
    globalContext: options.globalContext,
    enableQuonfigUserContext: developerContextEnabled(options.enableQuonfigUserContext, env),
    loggerKey: options.loggerKey,
    logger,
    onConfigUpdate: options.onConfigUpdate,
    onSSEConnectionStateChange: options.onSSEConnectionStateChange,
    cluster: withDefault(options, 'cluster'),
    clusterDirectory: options.clusterDirectory && givenPath(options.clusterDirectory).path,
    telemetry,
    random: options.random ?? Math.random,
  };
}

/** Returns every base URL that requests are sent to. */
function addressesOf(
  network: NetworkSettings | undefined,
  telemetry: TelemetrySettings | TelemetryOff,
): string[] {
  const addresses: string[] = [];
  if (network !== undefined) {
    addresses.push(...network.addresses.apiUrls);
    if (network.enableSSE) addresses.push(network.addresses.streamUrl);
  }
  if (typeof telemetry !== 'string') addresses.push(telemetry.telemetryUrl);
  return addresses;
}

/** Returns one line per problem. Quotes no value but numbers: a string may be a secret. */
function problemsOf(options: unknown, env: NodeJS.ProcessEnv): string[] {
  const unusable = checkOptionsObject(options);
  if (unusable.length > 0) return unusable;
  const given = options as Record<string, unknown>;
  const problems: string[] = [];
  for (const [name, { accepted, accepts }] of OPTION_ROWS) {
    const value = given[name];
    if (value === undefined || accepts(value)) continue;
    problems.push(wrongKind(name, kindOf(value), accepted));
  }
  for (const name of Object.keys(given)) {
    if (OPTION_ROWS.has(name) || given[name] === undefined) continue;
    const misplaced = MODULE_EXTRAS.includes(name);
    problems.push(misplaced ? misplacedExtra(name) : unknownOption(name, probablyMeant(name)));
  }
  return [...problems, ...persistenceProblems(given), ...sourceProblems(given, env)];
}

function probablyMeant(name: string): string | undefined {
  return RENAMED.get(name) ?? closestName(name, OPTION_ROWS.keys());
}

/** Returns the problems with where configs come from. */
function sourceProblems(given: QuonfigModuleOptions, env: NodeJS.ProcessEnv): string[] {
  const { sdkKey, datadir, datafile } = given;
  const problems = networkProblems(given, env);
  if (datadir !== undefined && datafile !== undefined) problems.push(twoSources());
  // A given key that is unusable has its own line, and so has a misspelled option.
  if (sourceOf(given, env) === undefined && sdkKey === undefined && !namesSource(given)) {
    problems.push(noSource());
  }
  return problems;
}

/** Whether an option is probably meant to be a source. */
function namesSource(given: object): boolean {
  return Object.keys(given).some((name) => closestName(name, SOURCES) !== undefined);
}

/** Warns of options of a `datadir` that are set, to other than their default, with another source. */
function ineffective(options: QuonfigModuleOptions, source: ConfigSource): string[] {
  if (source === 'datadir') return [];
  const instead = source === 'network' ? 'an SDK key' : 'a datafile';
  return (
    [...OPTION_ROWS]
      .filter(([name, { scope, default: byDefault }]) => {
        const value = options[name as keyof QuonfigModuleOptions];
        return scope === 'datadir' && value !== undefined && value !== byDefault;
      })
      .map(([name]) => name)
      // With an SDK key the environment has a warning of its own.
      .filter((name) => source !== 'network' || name !== 'environment')
      .map((name) => withoutEffect(name, instead))
  );
}
