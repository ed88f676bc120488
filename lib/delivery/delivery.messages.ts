import type { NetworkSettings } from './network-settings.js';

export const reloadFailed = (reason: string): string =>
  `The configs could not be read again, so the ones before stay in force. ${reason}`;

export const startedWithoutConfigs = (reason: string): string =>
  `The first load failed and onInitFailure is "return-defaults": reads give their defaults until configs arrive. ${reason}`;

export const configsArrived = (count: number): string =>
  `The first configs have arrived after all: reads answer from ${count} of them.`;

export const loaded = (count: number, origin: string, environment: string, live: boolean): string =>
  `${count} ${count === 1 ? 'config' : 'configs'} loaded from ${origin} for environment "${environment}"; ${
    live ? 'edits are followed' : 'edits are not followed (dataDirAutoReload is off)'
  }.`;

export const reloaded = (origin: string): string => `Changed configs installed from ${origin}.`;

export const moreFindings = (count: number): string =>
  `The workspace check found ${count} more problems that are not shown.`;

export const following = (
  held: { readonly size: number; readonly environment: string } | undefined,
  settings: NetworkSettings,
): string => {
  const configs =
    held === undefined
      ? 'No configs yet'
      : `${held.size} configs for environment "${held.environment}"`;
  return `${configs} from ${settings.addresses.apiUrls.join(', ')}; ${updateMode(settings)}.`;
};

function updateMode(settings: NetworkSettings): string {
  const { enableSSE, fallbackPollEnabled, fallbackPollIntervalMs } = settings;
  const stream = `changes come over the stream ${settings.addresses.streamUrl}`;
  const interval = `every ${fallbackPollIntervalMs / 1_000} s`;
  if (enableSSE && fallbackPollEnabled) return `${stream}, by polling ${interval} when it is down`;
  if (enableSSE) return `${stream} only (fallbackPollEnabled is off)`;
  if (fallbackPollEnabled) return `changes come by polling ${interval} (enableSSE is off)`;
  return 'changes come only when asked for, by refresh() or updateIfStalerThan()';
}
