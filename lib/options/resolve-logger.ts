import { Logger } from '@nestjs/common';
import type { SdkLogger } from '../interfaces/index.js';

type Level = keyof SdkLogger;
type Method = (message: string) => unknown;

/**
 * Returns the logger of the SDK: the option `logger`, or a Nest `Logger` named `Quonfig`. Errors and rejections of the
 * logger are ignored, because a message that cannot be written must not break what it reports.
 */
export function resolveLogger(logger: SdkLogger = new Logger('Quonfig')): Required<SdkLogger> {
  return {
    debug: guarded(logger, 'debug'),
    info: guarded(logger, 'info'),
    warn: guarded(logger, 'warn'),
    error: guarded(logger, 'error'),
  };
}

function guarded(logger: SdkLogger, level: Level): (message: string) => void {
  return (message) => {
    try {
      // An asynchronous logger may reject.
      Promise.resolve(methodOf(logger, level)?.call(logger, message)).catch(() => undefined);
    } catch {
      // The only place to report it is the logger that failed.
    }
  };
}

/** Nest's loggers call the level `info` `log`. */
function methodOf(logger: SdkLogger, level: Level): Method | undefined {
  const method = logger[level] ?? (level === 'info' && (logger as { log?: Method }).log);
  return typeof method === 'function' ? method : undefined;
}
