const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?(?:([Zz])|([+-])(\d{2}):?(\d{2}))?)?$/;
const DIGITS = /^\d{1,16}$/;
const MAX_LENGTH = 64;

/**
 * Converts a point in time to epoch milliseconds: a number, a `Date`, an RFC 3339 or plain ISO string, or a string of
 * digits. A string without a zone is UTC, whatever the machine's zone. Returns `undefined` for anything else, including
 * impossible dates.
 */
export function parseDate(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isNaN(value) ? undefined : value;
  if (value instanceof Date) return parseDate(value.getTime());
  if (typeof value !== 'string' || value.length > MAX_LENGTH) return undefined;
  const iso = ISO.exec(value);
  if (iso !== null) return fromParts(iso);
  return DIGITS.test(value) ? Number(value) : undefined;
}

function fromParts(parts: RegExpExecArray): number | undefined {
  const [year, month, day, hour, minute, second] = parts
    .slice(1, 7)
    .map((part) => Number(part ?? 0)) as [number, number, number, number, number, number];
  // RFC 3339 allows second 60 as a leap second; it counts as the next second.
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, month - 1, day);
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return undefined;

  const offset = zoneOffsetMinutes(parts);
  if (offset === undefined) return undefined;
  const fraction = parts[7] === undefined ? 0 : Number(`0.${parts[7]}`) * 1000;
  return midnight.getTime() + ((hour * 60 + minute - offset) * 60 + second) * 1000 + fraction;
}

function zoneOffsetMinutes(parts: RegExpExecArray): number | undefined {
  if (parts[9] === undefined) return 0;
  const hours = Number(parts[10]);
  const minutes = Number(parts[11]);
  if (hours > 23 || minutes > 59) return undefined;
  return (parts[9] === '-' ? -1 : 1) * (hours * 60 + minutes);
}
