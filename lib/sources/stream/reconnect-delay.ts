const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;
const JITTER = 0.2;

/**
 * Returns how long to wait before the next attempt, in ms: 500, doubled with every previous failure, up to 30000, with a
 * jitter of ±20 %. A longer wait that the server requests is honored up to 30000 ms.
 *
 * @param failures consecutive failed attempts before the one that just ended
 * @param random a number from 0 to 1; 0.5 replaces an invalid one
 * @param requestedMs the wait that the server requested
 */
export function reconnectDelay(failures: number, random: number, requestedMs = 0): number {
  const base = Math.min(FIRST_DELAY_MS * 2 ** failures, MAX_DELAY_MS);
  const position = Number.isFinite(random) ? Math.min(Math.max(random, 0), 1) : 0.5;
  const delay = Math.round(base * (1 - JITTER + 2 * JITTER * position));
  return Math.max(delay, Math.min(requestedMs, MAX_DELAY_MS));
}
