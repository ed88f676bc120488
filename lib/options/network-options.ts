import type { NetworkSettings } from '../delivery/network-settings.js';
import type { QuonfigModuleOptions } from '../interfaces/index.js';
import { SdkKey } from '../requests/index.js';
import {
  type Addresses,
  addressProblems,
  type AddressOptions,
  deliveryAddresses,
} from '../sources/http/api-urls.js';
import { fromEnvironment, OPTIONS, withDefault } from './option-table.js';
import {
  environmentIgnored,
  extraApiUrls,
  failoverOff,
  initTimeoutShort,
  keyOfOtherKind,
} from './options.messages.js';

const OTHER_KEYS = ['qf_pk_', 'qf_uk_'];

/** Returns one line for each invalid URL. The variable is checked only if it is used, that is, with a key. */
export function networkProblems(options: QuonfigModuleOptions, env: NodeJS.ProcessEnv): string[] {
  return addressProblems(addressOptions(options, keyOf(options, env) === undefined ? {} : env));
}

/** Returns the base URLs with all defaults. */
export function resolvedAddresses(
  options: QuonfigModuleOptions,
  env: NodeJS.ProcessEnv,
): Addresses {
  return deliveryAddresses(addressOptions(options, env));
}

function addressOptions(options: QuonfigModuleOptions, env: NodeJS.ProcessEnv): AddressOptions {
  const { domain, apiUrls, streamUrl, telemetryUrl } = options;
  const variable = fromEnvironment('domain', env);
  return {
    domain: domain ?? variable ?? OPTIONS.domain.default,
    domainSetBy: domain === undefined ? OPTIONS.domain.variable : 'domain',
    apiUrls,
    streamUrl,
    telemetryUrl,
  };
}

/** Returns the settings of the network with all defaults. */
export function networkSettings(
  options: QuonfigModuleOptions,
  env: NodeJS.ProcessEnv,
): NetworkSettings {
  return {
    sdkKey: keyOf(options, env)!,
    keySource: keySource(options),
    addresses: resolvedAddresses(options, env),
    enableSSE: withDefault(options, 'enableSSE'),
    fallbackPollEnabled: withDefault(options, 'fallbackPollEnabled'),
    fallbackPollIntervalMs: withDefault(options, 'fallbackPollIntervalMs'),
    sseReadDeadlineMs: withDefault(options, 'sseReadDeadlineMs'),
    maxEnvelopeBytes: withDefault(options, 'maxEnvelopeBytes'),
    configFetchHedgeDelayMs: withDefault(options, 'configFetchHedgeDelayMs'),
    configFetchHedgeAbortMs: withDefault(options, 'configFetchHedgeAbortMs'),
    onTerminalFailure: withDefault(options, 'onTerminalFailure'),
    fetch: options.fetch,
  };
}

/** Returns the warnings about options that configs over the network make doubtful. */
export function networkWarnings(
  options: QuonfigModuleOptions,
  settings: NetworkSettings,
  env: NodeJS.ProcessEnv,
): string[] {
  const { apiUrls, environment } = options;
  const { configFetchHedgeAbortMs } = settings;
  const initTimeout = withDefault(options, 'initTimeout');
  const warnings: string[] = [];
  if (apiUrls?.length === 1) warnings.push(failoverOff());
  if (apiUrls !== undefined && apiUrls.length > 2) warnings.push(extraApiUrls());
  if (environment !== undefined) {
    warnings.push(environmentIgnored('The option environment'));
  } else if (fromEnvironment('environment', env) !== undefined) {
    warnings.push(environmentIgnored('The variable QUONFIG_ENVIRONMENT'));
  }
  if (initTimeout <= configFetchHedgeAbortMs) {
    warnings.push(initTimeoutShort(initTimeout, configFetchHedgeAbortMs));
  }
  return warnings;
}

/** Returns the warning about a key that is not for servers. */
export function keyWarnings(options: QuonfigModuleOptions, env: NodeJS.ProcessEnv): string[] {
  const key = keyOf(options, env) ?? '';
  const otherKind = OTHER_KEYS.find((prefix) => key.startsWith(prefix));
  return otherKind === undefined ? [] : [keyOfOtherKind(otherKind, keySource(options))];
}

/** Says where the SDK key comes from, for messages. */
export function keySource({ sdkKey }: QuonfigModuleOptions): string {
  return sdkKey === undefined ? `the variable ${OPTIONS.sdkKey.variable}` : 'the option sdkKey';
}

/** Returns the SDK key. A key read from a file often ends with a line break, which is cut off. */
export function keyOf(
  { sdkKey }: QuonfigModuleOptions,
  env: NodeJS.ProcessEnv,
): SdkKey | undefined {
  const key: unknown = sdkKey ?? fromEnvironment('sdkKey', env);
  const trimmed = typeof key === 'string' ? key.trim() : '';
  return trimmed === '' ? undefined : new SdkKey(trimmed);
}
