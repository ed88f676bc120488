/** The log levels and their numbers on the wire. */
export const LOG_LEVELS = { trace: 1, debug: 2, info: 3, warn: 5, error: 6, fatal: 9 } as const;

/**
 * The name of a log level.
 *
 * @publicApi
 */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** By the usual spellings, so that most names are found without being converted. */
const NUMBER_BY_NAME: ReadonlyMap<string, number> = new Map(
  Object.entries(LOG_LEVELS).flatMap(([name, number]) => [
    [name, number],
    [name.toUpperCase(), number],
    [String(number), number],
  ]),
);

/**
 * Returns the number of a level, given by name (in any case) or by number (as a number or a string). `undefined` for
 * anything else.
 */
export function logLevelNumber(level: unknown): number | undefined {
  if (typeof level === 'number') return NUMBER_BY_NAME.get(String(level));
  if (typeof level !== 'string') return undefined;
  return NUMBER_BY_NAME.get(level) ?? NUMBER_BY_NAME.get(level.toLowerCase());
}
