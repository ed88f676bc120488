import type { QuonfigHealth } from '../index.js';
import * as messages from './terminus.messages.js';

/** Why a service cannot do its work; `undefined` when it can. */
export function failureOf(health: QuonfigHealth): string | undefined {
  // Under `onTerminalFailure: "poll"` polls take the place of the stream.
  if (health.terminalFailure && !health.fallbackPollerActive) return messages.refused;
  return health.ready ? undefined : messages.notReady;
}

/** Why a service that does its work does so only in part; `undefined` when all is as it should be. */
export function impairmentOf(
  health: QuonfigHealth,
  maxStalenessMs: number | undefined,
): string | undefined {
  const { mode, connectionState, terminalFailure, ageMs } = health;
  if (connectionState === 'disconnected') return messages.notFollowing;
  if (terminalFailure) return messages.refusedAndPolling;
  if (maxStalenessMs !== undefined && ageMs !== null && ageMs > maxStalenessMs && ages(health)) {
    return messages.stale(ageMs, maxStalenessMs);
  }
  if (connectionState === 'falling_back' && mode !== 'poll') return messages.fallingBack;
  return undefined;
}

/** Not files, which do not grow old by themselves, nor what a connected stream keeps current: it is silent, but alive. */
function ages({ mode, connectionState }: QuonfigHealth): boolean {
  return mode !== 'local' && !(mode === 'stream' && connectionState === 'connected');
}
