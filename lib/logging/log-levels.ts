/** The log levels, and their numbers on the wire. */
export const LOG_LEVELS = { trace: 1, debug: 2, info: 3, warn: 5, error: 6, fatal: 9 } as const;

/**
 * The name of a log level.
 *
 * @publicApi
 */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

const BY_TEXT: ReadonlyMap<string, number> = new Map(
  Object.entries(LOG_LEVELS).flatMap(([name, number]) => [
    [name, number],
    [String(number), number],
  ]),
);

/** The number of a level: by name in any case, or by number as number or text. `undefined` for anything else. */
export function logLevelNumber(level: unknown): number | undefined {
  if (typeof level === 'number') return BY_TEXT.get(String(level));
  return typeof level === 'string' ? BY_TEXT.get(level.toLowerCase()) : undefined;
}
