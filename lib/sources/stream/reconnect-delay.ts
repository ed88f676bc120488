const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;
const JITTER = 0.2;

/**
 * How long to wait before the next attempt, in ms: 500, doubled with every failure before, at most 30000, each ±20 %.
 * A server that asks for longer is left alone for up to 30000 ms.
 *
 * @param failures failed attempts in a row before the one that just ended
 * @param random a number from 0 to 1
 * @param askedMs what the server asked for
 */
export function reconnectDelay(failures: number, random: number, askedMs = 0): number {
  const base = Math.min(FIRST_DELAY_MS * 2 ** failures, MAX_DELAY_MS);
  const chance = Number.isFinite(random) ? Math.min(Math.max(random, 0), 1) : 0.5;
  const delay = Math.round(base * (1 - JITTER + 2 * JITTER * chance));
  return Math.max(delay, Math.min(askedMs, MAX_DELAY_MS));
}
