import type { QuonfigHealth } from '../index.js';
import * as messages from './terminus.messages.js';

/** Returns why a service is down; `undefined` if it is not. */
export function failureOf(health: QuonfigHealth): string | undefined {
  // Under `onTerminalFailure: "poll"`, polling replaces a refused stream.
  if (health.terminalFailure && !health.fallbackPollerActive) return messages.refused;
  return health.ready ? undefined : messages.notReady;
}

/** Returns why a running service is degraded; `undefined` if it is not. */
export function impairmentOf(
  health: QuonfigHealth,
  maxStalenessMs: number | undefined,
): string | undefined {
  const { mode, connectionState, terminalFailure, ageMs, olderThanFiles } = health;
  if (connectionState === 'disconnected') return messages.notFollowing;
  if (olderThanFiles) return messages.olderThanFiles;
  if (terminalFailure) return messages.refusedAndPolling;
  if (
    maxStalenessMs !== undefined &&
    ageMs !== null &&
    ageMs > maxStalenessMs &&
    canBeStale(health)
  ) {
    return messages.stale(ageMs, maxStalenessMs);
  }
  if (connectionState === 'falling_back' && mode !== 'poll') return messages.fallingBack;
  return undefined;
}

/** Age is ignored for local files, which do not expire, and on a connected stream: silence means no change. */
function canBeStale({ mode, connectionState }: QuonfigHealth): boolean {
  return mode !== 'local' && !(mode === 'stream' && connectionState === 'connected');
}
