import { InvalidLogRequestError } from '../errors/index.js';
import type { ConfigKey } from '../interfaces/index.js';
import { type Contexts, type ContextTier, LOGGING_CONTEXT } from '../model/index.js';
import type { ConfigReads } from '../reads/config-reads.js';
import {
  desiredLevelUnknown,
  loggerKeyMissing,
  logSubjectMissing,
} from '../reads/reads.messages.js';
import { LOG_LEVELS, type LogLevel, logLevelNumber } from './log-levels.js';

/**
 * What `shouldLog` is asked: about a log level config, or about a logger path under the config that the option
 * `loggerKey` names.
 *
 * @publicApi
 */
export interface ShouldLogRequest {
  /** Key of a log level config. Either this or `loggerPath`. */
  configKey?: ConfigKey;
  /** Path of a logger, e.g. a class name; its rules see it as `quonfig-sdk-logging.key`. */
  loggerPath?: string;
  /** Level of the message to log. */
  desiredLevel: LogLevel | number | (string & {});
  /** Decides when the config is missing, fails or holds no level. Default `"warn"`. */
  defaultLevel?: LogLevel | number | (string & {});
  contexts?: Contexts | null;
}

/** @throws InvalidLogRequestError when the request names no single config */
export function shouldLog(
  reads: ConfigReads,
  request: ShouldLogRequest,
  base: ContextTier | undefined,
): boolean {
  if (typeof request !== 'object' || request === null) {
    throw new InvalidLogRequestError(logSubjectMissing);
  }
  const { configKey, loggerPath, desiredLevel, defaultLevel, contexts } = request;
  if ((configKey === undefined) === (loggerPath === undefined)) {
    throw new InvalidLogRequestError(logSubjectMissing);
  }
  const key = configKey ?? reads.settings.loggerKey;
  if (key === undefined) throw new InvalidLogRequestError(loggerKeyMissing);

  const desired = logLevelNumber(desiredLevel);
  if (desired === undefined) {
    reads.settings.warnOnce(desiredLevelUnknown(desiredLevel));
    return true;
  }
  const level =
    configuredLevel(reads, key, loggerPath, contexts, base) ??
    logLevelNumber(defaultLevel) ??
    LOG_LEVELS.warn;
  return level <= desired;
}

function configuredLevel(
  reads: ConfigReads,
  key: string,
  loggerPath: string | undefined,
  contexts: Contexts | null | undefined,
  base: ContextTier | undefined,
): number | undefined {
  try {
    const call =
      loggerPath === undefined
        ? (contexts ?? undefined)
        : { ...contexts, [LOGGING_CONTEXT]: { key: loggerPath } };
    return logLevelNumber(reads.match(key, call, base)?.resolve(call, base));
  } catch {
    return undefined;
  }
}
