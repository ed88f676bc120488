import type { LoadFailures } from '../errors/index.js';
import { textWithoutInitAdvice } from '../errors/init-advice.js';
import { seconds } from '../sources/seconds.js';
import type { NetworkSettings } from './network-settings.js';

export const reloadFailed = (reason: string): string =>
  `Reloading the configs failed. Reads are unaffected. ${reason}`;

export const firstLoadRetrying = ({ causes }: LoadFailures): string =>
  `The first load failed; the SDK retries until initTimeout. ${causes
    .map(({ url, reason }) => `${url}: ${reason}`)
    .join('; ')}`;

export const noResponseYet = 'no response yet';

export const raiseInitTimeout = 'Raise initTimeout.';

export const checkApi = 'Check the URL, and any proxy in between.';

export const startedWithoutConfigs = (reason: string): string =>
  `The first load failed and onInitFailure is "return-defaults": reads return their defaults until configs arrive. ${reason}`;

export const firstLoadFailed = (error: unknown): string =>
  `The first load failed; reads use the saved configs. ${textWithoutInitAdvice(error)}`;

export const savedInstalled = (count: number, place: string, savedAt: Date): string =>
  `Started from ${configs(count)} saved in ${place}, which were current at ${savedAt.toISOString()}. The SDK replaces them when the network delivers newer ones.`;

export const savedRefused = (place: string, refusedBy: string): string =>
  `The configs saved in ${place} are not used, because ${refusedBy} refused the SDK key. Correct the key; to start from saved configs anyway, set onTerminalFailure to "poll".`;

export const configsArrived = (count: number): string =>
  `Configs arrived after the first load had failed: reads now use ${configs(count)}.`;

export const loaded = (count: number, origin: string, environment: string, live: boolean): string =>
  `${configs(count)} loaded from ${origin} for environment "${environment}"; ${
    live ? 'watching for changes' : 'not watching for changes (dataDirAutoReload is off)'
  }.`;

export const reloaded = (origin: string): string => `Changed configs installed from ${origin}.`;

export const moreFindings = (count: number): string =>
  `The workspace check found further problems that are not shown: ${count}. Correct those above first.`;

export const checkFailed = (reason: string): string =>
  `The workspace could not be checked for mistakes: ${reason}. Its configs are used all the same.`;

export const following = (
  current: { readonly size: number; readonly environment: string } | undefined,
  settings: NetworkSettings,
): string => {
  const loadedSoFar =
    current === undefined
      ? 'No configs yet'
      : `${configs(current.size)} for environment "${current.environment}"`;
  return `${loadedSoFar} from ${settings.addresses.apiUrls.join(', ')}; ${updateMode(settings)}.`;
};

function configs(count: number): string {
  return count === 1 ? '1 config' : `${count} configs`;
}

function updateMode(settings: NetworkSettings): string {
  const { enableSSE, fallbackPollEnabled, fallbackPollIntervalMs } = settings;
  const stream = `changes arrive over the stream ${settings.addresses.streamUrl}`;
  const interval = `every ${seconds(fallbackPollIntervalMs)}`;
  if (enableSSE && fallbackPollEnabled) return `${stream}, with fallback polling ${interval}`;
  if (enableSSE) return `${stream} only (fallbackPollEnabled is off)`;
  if (fallbackPollEnabled) return `changes arrive by polling ${interval} (enableSSE is off)`;
  return 'changes arrive only through refresh() and updateIfStalerThan()';
}
