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
 * The argument of `shouldLog`. Exactly one of `configKey` and `loggerPath` selects the config that decides.
 *
 * @publicApi
 */
export interface ShouldLogRequest {
  /** Key of a log level config. */
  configKey?: ConfigKey | undefined;
  /**
   * Path of a logger, e.g. a class name. The config that the option `loggerKey` names decides; its rules match the path as
   * `quonfig-sdk-logging.key`.
   */
  loggerPath?: string | undefined;
  /** Level of the message to log, by name or number. An unknown level is logged. */
  desiredLevel: LogLevel | number | (string & {});
  /** Used if the config is missing, cannot be evaluated or is not a level. Default `"warn"`. */
  defaultLevel?: LogLevel | number | (string & {}) | undefined;
  /** Per-call contexts; they take precedence over all others. */
  contexts?: Contexts | null | undefined;
}

/**
 * @throws {InvalidLogRequestError} `invalid_log_request` if the request does not select exactly one config
 * @throws {UnknownKeyError} `unknown_key` for an unknown `configKey` under `onUnknownKey: "throw"`
 */
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
  const configured = configuredLevel(reads, key, loggerPath, contexts, base);
  if (configured !== undefined) return configured <= desired;
  // With a path, the key is the option `loggerKey`: for that, no call of a logger fails.
  if (loggerPath === undefined) reads.unknownKeys.report(key);
  else reads.unknownKeys.warnOnce(key);
  return (logLevelNumber(defaultLevel) ?? LOG_LEVELS.warn) <= desired;
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
