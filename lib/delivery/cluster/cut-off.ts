import type { NetworkDelivery } from '../network-delivery.js';
import type { NetworkSettings } from '../network-settings.js';

type Facts = Pick<NetworkDelivery, 'connectionState' | 'terminalFailure' | 'mode' | 'ageMs'>;
type Deadlines = Pick<
  NetworkSettings,
  'sseReadDeadlineMs' | 'fallbackPollEnabled' | 'fallbackPollIntervalMs'
>;

const POLLS_PER_DEADLINE = 2;

/**
 * Whether a leading process has not reached Quonfig for so long that another one should try: a container may have no network.
 * During an outage, nobody reaches it, so each leader waits as long as the configs were outdated when it began to lead. That
 * doubles the time between two changes of the leader.
 *
 * @param leadingMs how long it has been leading, in ms
 */
export function isCutOff(network: Facts, leadingMs: number, deadlines: Deadlines): boolean {
  const { connectionState, terminalFailure, mode, ageMs = leadingMs } = network;
  // A refused SDK key is refused for all, and without stream and polling, the application decides when to fetch.
  if (connectionState === 'connected' || terminalFailure || mode === 'manual') return false;
  const { sseReadDeadlineMs, fallbackPollEnabled, fallbackPollIntervalMs } = deadlines;
  const pollsMs = fallbackPollEnabled ? POLLS_PER_DEADLINE * fallbackPollIntervalMs : 0;
  const unreachedMs = Math.min(ageMs, leadingMs);
  const outdatedBeforeMs = ageMs - unreachedMs;
  return unreachedMs > Math.max(sseReadDeadlineMs, pollsMs, outdatedBeforeMs);
}
