import type { EvaluationHost } from '../evaluation/index.js';
import type { ResolvedOptions } from '../options/index.js';
import type { ReadSettings } from '../reads/config-reads.js';

/** What evaluation takes from outside: clock, random numbers, environment variables. */
export function evaluationHost(
  { random }: Pick<ResolvedOptions, 'random'>,
  warnOnce: (message: string) => void,
): EvaluationHost {
  return { now: () => Date.now(), random, env: (name) => process.env[name], warnOnce };
}

export function readSettings(
  { onNoDefault, onUnknownKey, loggerKey, logger }: ResolvedOptions,
  warnOnce: (message: string) => void,
): ReadSettings {
  const warn = (message: string): void => logger.warn(message);
  return { onNoDefault, onUnknownKey, loggerKey, warn, warnOnce };
}
