import type { LogFn, Logger, LoggerOptions } from 'pino';
import type { LoggerLevelsOptions, LogLevel, LogLevels } from '../index.js';
import { LoggerPaths } from './logger-path.js';

type LogMethod = NonNullable<NonNullable<LoggerOptions['hooks']>['logMethod']>;

/**
 * Options of {@link quonfigLogMethod}.
 *
 * @publicApi
 */
export interface QuonfigLogMethodOptions extends LoggerLevelsOptions {
  /** Level of every logger without a config. Default `"info"`. */
  defaultLevel?: LogLevel | undefined;
  /**
   * Field of a message, or binding of a child logger, with the logger path: the same as `renameContext` of
   * `nestjs-pino`. Default `"context"`; a logger without it has the path of its binding `name`.
   */
  contextName?: string | undefined;
  /** A hook of your own, called for the messages that are logged. */
  logMethod?: LogMethod | undefined;
}

const LEVELS: ReadonlyMap<number, LogLevel> = new Map([
  [10, 'trace'],
  [20, 'debug'],
  [30, 'info'],
  [40, 'warn'],
  [50, 'error'],
  [60, 'fatal'],
]);

/**
 * Returns the hook `logMethod` for pino: the loggers of an instance, children included, get live levels from the config
 * of the option `loggerKey`. Redaction, serializers, formatters and transports stay as configured. Pino calls the hook
 * only for messages at or above its own level, so set the level of pino to `trace`.
 *
 * @param quonfig the service, or a reader with bound contexts
 * @param options the level without a config, and where the path is. Default `{}`
 * @throws {InvalidOptionsError} `invalid_options`: `defaultLevel` is not a level
 * @example
 * ```ts
 * const logger = pino({ level: 'trace', hooks: { logMethod: quonfigLogMethod(quonfig) } });
 * logger.child({ context: 'CartService' }).debug('added');
 * ```
 *
 * @publicApi
 */
export function quonfigLogMethod(
  quonfig: Pick<LogLevels, 'loggerLevels'>,
  options: QuonfigLogMethodOptions = {},
): LogMethod {
  const { defaultLevel = 'info', contextName = 'context', logMethod } = options;
  const levels = quonfig.loggerLevels({ defaultLevel });
  const paths = new LoggerPaths(contextName);
  return function logEnabled(
    this: Logger,
    args: Parameters<LogFn>,
    method: LogFn,
    level: number,
  ): void {
    const name = LEVELS.get(level) ?? customLevel(this.levels.labels[level], level);
    if (!levels.isEnabled(paths.of(this, args[0]), name)) return;
    if (logMethod === undefined) method.apply(this, args);
    else logMethod.call(this, args, method, level);
  };
}

/** A level with another number counts by its name, else as the level below it: "critical" must not be lost among info. */
function customLevel(label: string | undefined, level: number): LogLevel {
  let below: LogLevel = 'trace';
  for (const [number, name] of LEVELS) {
    if (name === label) return name;
    if (number < level) below = name;
  }
  return below;
}
