const DURATION =
  /^P(?=.)(?:([0-9]+)D)?(?:T(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:\.([0-9]{1,9}))?S)?)?$/;
const MAX_MS = 36_500n * 86_400_000n;
/** Bounds the time of the pattern; far above any valid duration, leading zeros included. */
const MAX_LENGTH = 256;

/**
 * Converts a duration to whole milliseconds, rounded half up: `P[nD][T[nH][nM][n[.f]S]]`, at most `P36500D`. Returns
 * `undefined` for anything else. The arithmetic is exact: `PT1.005S` is 1005.
 *
 * @param value the duration as configs store it
 * @returns milliseconds, or `undefined` if it is malformed
 * @example
 * ```ts
 * parseDuration('PT1M30S'); // → 90000
 * ```
 *
 * @publicApi
 */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value !== 'string' || value.length > MAX_LENGTH) return undefined;
  const found = DURATION.exec(value);
  if (found === null) return undefined;
  const [days, hours, minutes, seconds] = found.slice(1, 5).map((part) => BigInt(part ?? 0)) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const wholeMs = (((days * 24n + hours) * 60n + minutes) * 60n + seconds) * 1000n;
  const nanos = BigInt((found[5] ?? '').padEnd(9, '0'));
  if (wholeMs > MAX_MS || (wholeMs === MAX_MS && nanos > 0n)) return undefined;
  return Number(wholeMs + (nanos + 500_000n) / 1_000_000n);
}
