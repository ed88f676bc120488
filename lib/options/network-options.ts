import type { NetworkSettings } from '../delivery/network-settings.js';
import type { QuonfigModuleOptions } from '../interfaces/index.js';
import { addressProblems, deliveryAddresses } from '../sources/http/api-urls.js';
import {
  addressesUnused,
  deprecated,
  environmentIgnored,
  failoverOff,
  initTimeoutShort,
  keyOfOtherKind,
  withoutEffect,
} from './options.messages.js';

const DEFAULT_INIT_TIMEOUT_MS = 10_000;
const OTHER_KEYS = ['qf_pk_', 'qf_uk_'];

/** Whether configs are to come over the network. */
export function isNetworked(options: QuonfigModuleOptions, env: NodeJS.ProcessEnv): boolean {
  const { datadir, datafile } = options;
  return datadir === undefined && datafile === undefined && keyOf(options, env) !== undefined;
}

/** Says what is wrong with the addresses; the variable counts only where it is used: with a key. */
export function networkProblems(options: QuonfigModuleOptions, env: NodeJS.ProcessEnv): string[] {
  return addressProblems(options, keyOf(options, env) === undefined ? {} : env);
}

/** Fills in the defaults; `undefined` when configs are read from files. */
export function networkSettings(
  options: QuonfigModuleOptions,
  env: NodeJS.ProcessEnv,
): NetworkSettings | undefined {
  if (!isNetworked(options, env)) return undefined;
  return {
    sdkKey: keyOf(options, env)!,
    addresses: deliveryAddresses(options, env),
    enableSSE: options.enableSSE ?? true,
    fallbackPollEnabled: options.fallbackPollEnabled ?? options.enablePolling ?? true,
    fallbackPollIntervalMs: options.fallbackPollIntervalMs ?? options.pollInterval ?? 60_000,
    sseReadDeadlineMs: options.sseReadDeadlineMs ?? 90_000,
    maxEnvelopeBytes: options.maxEnvelopeBytes ?? 64 * 1_024 * 1_024,
    configFetchHedgeDelayMs: options.configFetchHedgeDelayMs ?? 2_000,
    configFetchHedgeAbortMs: options.configFetchHedgeAbortMs ?? 6_000,
    onTerminalFailure: options.onTerminalFailure ?? 'stop',
    fetch: options.fetch,
  };
}

/** What is worth a warning when configs come over the network. */
export function networkWarnings(
  options: QuonfigModuleOptions,
  settings: NetworkSettings,
  env: NodeJS.ProcessEnv,
): string[] {
  const { apiUrls, environment, initTimeout = DEFAULT_INIT_TIMEOUT_MS } = options;
  const { sdkKey, configFetchHedgeAbortMs } = settings;
  const warnings: string[] = [];
  if (apiUrls?.length === 1) warnings.push(failoverOff());
  if (apiUrls !== undefined && apiUrls.length > 2) warnings.push(addressesUnused());
  if (environment !== undefined) warnings.push(environmentIgnored('The option environment'));
  else if (env['QUONFIG_ENVIRONMENT']) {
    warnings.push(environmentIgnored('The variable QUONFIG_ENVIRONMENT'));
  }
  if (options.dataDirAutoReload === true) {
    warnings.push(withoutEffect('dataDirAutoReload', 'an SDK key'));
  }
  if (initTimeout <= configFetchHedgeAbortMs) {
    warnings.push(initTimeoutShort(initTimeout, configFetchHedgeAbortMs));
  }
  const otherKind = OTHER_KEYS.find((prefix) => sdkKey.startsWith(prefix));
  if (otherKind !== undefined) warnings.push(keyOfOtherKind(otherKind));
  return warnings;
}

/** Older names that are still understood. */
export function deprecationWarnings(options: QuonfigModuleOptions): string[] {
  const warnings: string[] = [];
  if (options.enablePolling !== undefined) {
    warnings.push(deprecated('enablePolling', 'fallbackPollEnabled'));
  }
  if (options.pollInterval !== undefined) {
    warnings.push(deprecated('pollInterval', 'fallbackPollIntervalMs'));
  }
  return warnings;
}

/** The SDK key. A key out of a file often ends with a line break. */
export function keyOf(
  { sdkKey }: QuonfigModuleOptions,
  env: NodeJS.ProcessEnv,
): string | undefined {
  const key: unknown = sdkKey ?? env['QUONFIG_BACKEND_SDK_KEY'];
  return (typeof key === 'string' && key.trim()) || undefined;
}
