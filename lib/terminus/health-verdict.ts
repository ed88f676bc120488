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
  { mode, connectionState, terminalFailure, ageMs }: QuonfigHealth,
  maxStalenessMs: number | undefined,
): string | undefined {
  if (connectionState === 'disconnected') return messages.notFollowing;
  if (terminalFailure) return messages.refusedAndPolling;
  if (connectionState === 'falling_back' && mode !== 'poll') return messages.fallingBack;
  // Files do not grow old by themselves.
  if (maxStalenessMs === undefined || mode === 'local') return undefined;
  return ageMs !== null && ageMs > maxStalenessMs
    ? messages.stale(ageMs, maxStalenessMs)
    : undefined;
}
