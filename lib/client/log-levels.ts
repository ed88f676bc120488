import { InvalidOptionsError } from '../errors/index.js';
import type { QuonfigTypes } from '../interfaces/index.js';
import { LOG_LEVELS, type LogLevel, logLevelNumber } from '../logging/log-levels.js';
import { LoggerLevels } from '../logging/logger-levels.js';
import { shouldLog, type ShouldLogRequest } from '../logging/should-log.js';
import { oneOf } from '../options/accepted.js';
import { kindOf } from '../options/kind.js';
import { wrongKind } from '../options/options.messages.js';
import { StoredConfigs } from './stored-configs.js';

/**
 * Options of `loggerLevels`.
 *
 * @publicApi
 */
export interface LoggerLevelsOptions {
  /** Level of a logger if the config is missing, cannot be evaluated or is not a level. Default `"warn"`. */
  defaultLevel?: LogLevel | undefined;
}

/**
 * Decides what to log. `BoundQuonfig` and `QuonfigService` extend it.
 *
 * @typeParam Types key table of a named instance; by default, that of the application
 * @publicApi
 */
export abstract class LogLevels<Types = QuonfigTypes> extends StoredConfigs<Types> {
  /**
   * Returns whether to log a message: whether its level is at or above the configured one.
   *
   * @param request the level of the message, and the log level config or logger path that decides
   * @throws {InvalidLogRequestError} `invalid_log_request`: the request does not select exactly one config
   * @throws {UnknownKeyError} `unknown_key`: no config has the `configKey`, and `onUnknownKey` is `"throw"`
   * @example
   * ```ts
   * if (quonfig.shouldLog({ loggerPath: 'CatsService', desiredLevel: 'debug' })) logger.debug(details);
   * ```
   */
  shouldLog(request: ShouldLogRequest): boolean {
    return shouldLog(this.configReads, request, this.tier);
  }

  /**
   * Returns the current levels of all loggers, for the hot path of a logging library: a check takes a fraction of the
   * time of {@link shouldLog}. The config of the option `loggerKey` decides.
   *
   * @param options the level without a config. Default `{}`
   * @returns levels that follow every change; create them once per logging library
   * @throws {InvalidOptionsError} `invalid_options`: `defaultLevel` is not a level
   * @example
   * ```ts
   * const levels = quonfig.loggerLevels({ defaultLevel: 'info' });
   * if (levels.isEnabled('CatsService', 'debug')) logger.debug(details);
   * ```
   */
  loggerLevels(options: LoggerLevelsOptions = {}): LoggerLevels {
    const { defaultLevel = 'warn' } = options;
    const level = logLevelNumber(defaultLevel);
    if (level === undefined) {
      // A name such as Nest's "log" would otherwise silently become another level.
      const { accepted } = oneOf(...Object.keys(LOG_LEVELS));
      throw new InvalidOptionsError([wrongKind('defaultLevel', kindOf(defaultLevel), accepted)]);
    }
    return new LoggerLevels(this.configReads, this.tiers, level);
  }
}
