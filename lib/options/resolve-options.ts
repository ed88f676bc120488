import { developerContextEnabled } from './developer-context.js';
import { InvalidOptionsError } from '../errors/index.js';
import type { QuonfigModuleOptions } from '../interfaces/index.js';
import { closestName } from './closest-name.js';
import { kindOf } from './kind.js';
import { checkOptionsObject } from './module-options.js';
import {
  deprecationWarnings,
  isNetworked,
  networkProblems,
  networkSettings,
  networkWarnings,
} from './network-options.js';
import { OPTION_RULES, type OptionRule } from './option-rules.js';
import {
  clusterSharedMissing,
  misplacedExtra,
  noSource,
  twoSources,
  unknownOption,
  withoutEffect,
  wrongKind,
} from './options.messages.js';
import { resolveLogger } from './resolve-logger.js';
import type { ResolvedOptions } from './resolved-options.js';
import { telemetrySettings } from './telemetry-options.js';

const SOURCES = ['datadir', 'datafile', 'sdkKey'];
const MODULE_EXTRAS = ['isGlobal', 'name'];

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {InvalidOptionsError} `invalid_options`: with everything that is wrong.
 */
export function resolveOptions(
  options: QuonfigModuleOptions,
  env: NodeJS.ProcessEnv = process.env,
): ResolvedOptions {
  const problems = problemsOf(options, env);
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  const logger = resolveLogger(options.logger);
  const network = networkSettings(options, env);
  const warnings = [
    ...ineffective(options),
    ...deprecationWarnings(options),
    ...(network === undefined ? [] : networkWarnings(options, network, env)),
  ];
  for (const warning of warnings) logger.warn(warning);
  return {
    network,
    datadir: options.datadir,
    datafile: options.datafile,
    environment:
      options.datadir === undefined
        ? undefined
        : (options.environment ?? (env['QUONFIG_ENVIRONMENT'] || undefined)),
    dataDirAutoReload: options.dataDirAutoReload ?? false,
    dataDirAutoReloadDebounceMs: options.dataDirAutoReloadDebounceMs ?? 200,
    initTimeout: options.initTimeout ?? 10_000,
    onInitFailure: options.onInitFailure ?? 'throw',
    onNoDefault: options.onNoDefault ?? 'error',
    globalContext: options.globalContext,
    enableQuonfigUserContext: developerContextEnabled(options.enableQuonfigUserContext, env),
    loggerKey: options.loggerKey,
    logger,
    onConfigUpdate: options.onConfigUpdate,
    onSSEConnectionStateChange: options.onSSEConnectionStateChange,
    cluster: options.cluster ?? 'transparent',
    telemetry: telemetrySettings(options, env),
    random: options.random ?? Math.random,
  };
}

/** Says what is wrong with the options, one line each; the value of an option is never quoted unless it is a number. */
function problemsOf(options: unknown, env: NodeJS.ProcessEnv): string[] {
  const unusable = checkOptionsObject(options);
  if (unusable.length > 0) return unusable;
  const given = options as Record<string, unknown>;
  const rules = new Map<string, OptionRule>(Object.entries(OPTION_RULES));
  const problems: string[] = [];
  for (const [name, { accepted, accepts }] of rules) {
    const value = given[name];
    if (value === undefined || accepts(value)) continue;
    const shared = name === 'cluster' && value === 'shared';
    problems.push(shared ? clusterSharedMissing() : wrongKind(name, kindOf(value), accepted));
  }
  for (const name of Object.keys(given)) {
    if (rules.has(name) || given[name] === undefined) continue;
    const misplaced = MODULE_EXTRAS.includes(name);
    problems.push(
      misplaced ? misplacedExtra(name) : unknownOption(name, closestName(name, [...rules.keys()])),
    );
  }
  return [...problems, ...sourceProblems(given, env)];
}

/** Says what is wrong with where the configs are to come from. */
function sourceProblems(given: QuonfigModuleOptions, env: NodeJS.ProcessEnv): string[] {
  const { sdkKey, datadir, datafile } = given;
  const problems = networkProblems(given, env);
  if (datadir !== undefined && datafile !== undefined) problems.push(twoSources());
  const local = datadir !== undefined || datafile !== undefined;
  // A given key that is unusable has its own line.
  const misspelt = Object.keys(given).some((name) => closestName(name, SOURCES) !== undefined);
  if (!local && sdkKey === undefined && !isNetworked(given, env) && !misspelt) {
    problems.push(noSource());
  }
  return problems;
}

/** Options that concern a directory and are given with a file. */
function ineffective(options: QuonfigModuleOptions): string[] {
  if (options.datafile === undefined) return [];
  const { environment, dataDirAutoReload } = options;
  return [
    ...(environment === undefined ? [] : [withoutEffect('environment', 'a datafile')]),
    ...(dataDirAutoReload === true ? [withoutEffect('dataDirAutoReload', 'a datafile')] : []),
  ];
}
