import type { Logform } from 'winston';
import type { LoggerLevelsOptions, LogLevel, LogLevels } from '../index.js';

/**
 * Options of {@link quonfigFormat}.
 *
 * @publicApi
 */
export interface QuonfigFormatOptions extends LoggerLevelsOptions {
  /** Level of every logger without a config. Default `"info"`. */
  defaultLevel?: LogLevel | undefined;
  /** Field of a message, or of the metadata of a child logger, with the logger path. Default `"context"`, else `label`. */
  contextName?: string | undefined;
}

/** The level of a record, also if an earlier format has colored its name. */
const LEVEL = Symbol.for('level');
/** The path of messages and loggers without a name. */
const NO_NAME = 'app';

const LEVELS: ReadonlyMap<unknown, LogLevel> = new Map<unknown, LogLevel>([
  ['silly', 'trace'],
  ['trace', 'trace'],
  ['debug', 'debug'],
  ['verbose', 'debug'],
  ['http', 'debug'],
  ['info', 'info'],
  ['notice', 'info'],
  ['warn', 'warn'],
  ['warning', 'warn'],
  ['error', 'error'],
  ['err', 'error'],
  ['crit', 'error'],
  ['fatal', 'fatal'],
  ['emerg', 'fatal'],
  ['alert', 'fatal'],
]);

/**
 * Returns a format for winston that drops messages that are not enabled: the loggers of an instance, children included,
 * get live levels from the config of the option `loggerKey`. Other formats and transports stay as configured. Winston
 * filters by its own levels too, so open them, and put this format first. Uncaught exceptions and rejections are kept.
 *
 * @param quonfig the service, or a reader with bound contexts
 * @param options the level without a config, and where the path is. Default `{}`
 * @throws {InvalidOptionsError} `invalid_options`: `defaultLevel` is not a level
 * @example
 * ```ts
 * const logger = winston.createLogger({
 *   level: 'silly',
 *   format: winston.format.combine(quonfigFormat(quonfig), winston.format.json()),
 *   transports: [new winston.transports.Console()],
 * });
 * logger.child({ context: 'CartService' }).debug('added');
 * ```
 *
 * @publicApi
 */
export function quonfigFormat(
  quonfig: Pick<LogLevels, 'loggerLevels'>,
  options: QuonfigFormatOptions = {},
): Logform.Format {
  const { defaultLevel = 'info', contextName = 'context' } = options;
  const levels = quonfig.loggerLevels({ defaultLevel });
  return {
    transform(record) {
      if (record['exception'] === true || record['rejection'] === true) return record;
      const { [contextName]: context, label } = record;
      const path = [context, label].find((name) => typeof name === 'string') ?? NO_NAME;
      // A custom level counts as info.
      const level = LEVELS.get(record[LEVEL] ?? record.level) ?? 'info';
      return levels.isEnabled(path, level) ? record : false;
    },
  };
}
