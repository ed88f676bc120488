import { Logger } from '@nestjs/common';
import type { QuonfigLogger } from '../interfaces/index.js';

type Level = keyof QuonfigLogger;
type Method = (message: string) => unknown;

/**
 * The logger that the library writes to: the given one, or a Nest `Logger` named `Quonfig`. Whatever it throws or
 * rejects with stays in it: a message that cannot be written must not break what it tells of.
 */
export function resolveLogger(
  given: QuonfigLogger = new Logger('Quonfig'),
): Required<QuonfigLogger> {
  return {
    debug: guarded(given, 'debug'),
    info: guarded(given, 'info'),
    warn: guarded(given, 'warn'),
    error: guarded(given, 'error'),
  };
}

function guarded(logger: QuonfigLogger, level: Level): (message: string) => void {
  return (message) => {
    try {
      // An asynchronous logger may reject.
      Promise.resolve(methodOf(logger, level)?.call(logger, message)).catch(() => undefined);
    } catch {
      // There is nowhere left to say it.
    }
  };
}

/** Nest's loggers call the level `log`. */
function methodOf(logger: QuonfigLogger, level: Level): Method | undefined {
  const method = logger[level] ?? (level === 'info' && (logger as { log?: Method }).log);
  return typeof method === 'function' ? method : undefined;
}
