const DAY = '(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat)';
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const TIME = String.raw`\d\d:\d\d:\d\d`;
/** The forms of an HTTP date: `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`. */
const GMT_DATE = new RegExp(
  String.raw`^(?:${DAY}, \d\d ${MONTH} \d{4}|[A-Z][a-z]{5,8}, \d\d-${MONTH}-\d\d) ${TIME} GMT$`,
);
/** `Sun Nov  6 08:49:37 1994`: implicitly GMT. */
const ASCTIME_DATE = new RegExp(String.raw`^${DAY} ${MONTH} [ \d]\d ${TIME} \d{4}$`);

/** Returns the wait that a `Retry-After` header requests, in ms: seconds or an HTTP date; 0 if missing or malformed. */
export function retryAfterMs(header: string | null, now: number): number {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const date = dateOf(text);
  return Number.isNaN(date) ? 0 : Math.max(date - now, 0);
}

/** Accepts HTTP dates only. `Date.parse` alone is too lenient: it finds a year in `soon 2050`. */
function dateOf(text: string): number {
  if (GMT_DATE.test(text)) return Date.parse(text);
  return ASCTIME_DATE.test(text) ? Date.parse(`${text} GMT`) : NaN;
}
