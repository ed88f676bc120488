import * as api from '@opentelemetry/api';
import type { Logger, LoggerProvider } from '@opentelemetry/api';

/** Where `@opentelemetry/api-logs` keeps its provider, as a function of the version of this agreement. */
const API_LOGS = Symbol.for('io.opentelemetry.js.api.logs');
const API_LOGS_VERSION = 1;

/**
 * Returns what finds the logger of the application's SDK. There are two APIs that share nothing: SDK 3 registers with
 * `logs` of `@opentelemetry/api` 1.10, SDK 2 with `@opentelemetry/api-logs`, which this package need not load to find what
 * is registered there.
 */
export function loggerOf(name: string, version: string): () => Logger | undefined {
  // Bundlers refuse a plain access to an export that an older version lacks.
  const logs = Reflect.get(api, 'logs') as LoggerProvider | undefined;
  let logger = logs?.getLogger(name, version);
  return () => {
    logger ??= registeredWithApiLogs()?.getLogger(name, version);
    return logger;
  };
}

function registeredWithApiLogs(): LoggerProvider | undefined {
  const registered = globalThis as { [API_LOGS]?: (version: number) => LoggerProvider };
  return registered[API_LOGS]?.(API_LOGS_VERSION);
}
