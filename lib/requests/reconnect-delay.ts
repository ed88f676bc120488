const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;
const JITTER = 0.2;

/**
 * Returns how long to wait before the next attempt, in ms: 500, doubled with every previous failure, up to 30000, with a
 * jitter of ±20%. A longer wait that the server requests is honored up to 30000 ms.
 *
 * @param failures consecutive failed attempts before the one that just ended
 * @param random returns a number from 0 to 1; 0.5 replaces an invalid one, or one that is not returned because it throws
 * @param requestedMs the wait that the server requested
 */
export function reconnectDelay(failures: number, random: () => number, requestedMs = 0): number {
  const base = Math.min(FIRST_DELAY_MS * 2 ** failures, MAX_DELAY_MS);
  const delay = Math.round(base * (1 - JITTER + 2 * JITTER * positionFrom(random)));
  return Math.max(delay, Math.min(requestedMs, MAX_DELAY_MS));
}

/** The function is the application's, and must not end the attempts. */
function positionFrom(random: () => number): number {
  try {
    const position = random();
    return Number.isFinite(position) ? Math.min(Math.max(position, 0), 1) : 0.5;
  } catch {
    return 0.5;
  }
}
