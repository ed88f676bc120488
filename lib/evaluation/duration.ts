const DURATION =
  /^P(?=.)(?:([0-9]+)D)?(?:T(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:\.([0-9]{1,9}))?S)?)?$/;
const MAX_MS = 36_500n * 86_400_000n;
/** Far above any duration within the bound, leading zeros included. */
const MAX_LENGTH = 256;

/**
 * Reads a duration as whole milliseconds, rounded half up: `P[nD][T[nH][nM][n[.f]S]]`, at most `P36500D`.
 * `undefined` for anything else. The arithmetic is exact: `PT1.005S` is 1005.
 */
export function parseDuration(text: unknown): number | undefined {
  if (typeof text !== 'string' || text.length > MAX_LENGTH) return undefined;
  const found = DURATION.exec(text);
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
