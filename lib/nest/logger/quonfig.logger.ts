import { ConsoleLogger, type LoggerService, type LogLevel as NestLevel } from '@nestjs/common';
import type { LogLevels, LoggerLevelsOptions } from '../../client/log-levels.js';
import { InvalidOptionsError } from '../../errors/index.js';
import { LOG_LEVELS, type LogLevel } from '../../logging/log-levels.js';
import type { LoggerLevels } from '../../logging/logger-levels.js';
import { contextBesideStack, contextOf } from './logger-arguments.js';
import { checkLoggerOptions } from './logger-options.js';

/**
 * Options of {@link QuonfigLogger}.
 *
 * @publicApi
 */
export interface QuonfigLoggerOptions extends LoggerLevelsOptions {
  /**
   * Writes the messages that are enabled, as it is configured: its own levels apply too. Default: a `ConsoleLogger` that
   * writes all levels.
   */
  logger?: LoggerService | undefined;
  /**
   * Level of every logger before the first configs arrive, without the option `loggerKey`, and if the config is missing,
   * cannot be evaluated or is not a level. Default `"info"`.
   */
  defaultLevel?: LogLevel | undefined;
}

/** The path of messages without a context. */
const NO_CONTEXT = 'app';

const NUMBERS: Readonly<Record<NestLevel, number>> = {
  verbose: LOG_LEVELS.trace,
  debug: LOG_LEVELS.debug,
  log: LOG_LEVELS.info,
  warn: LOG_LEVELS.warn,
  error: LOG_LEVELS.error,
  fatal: LOG_LEVELS.fatal,
};
const ALL_LEVELS = Object.keys(NUMBERS) as NestLevel[];
const { trace, debug, info, warn, error, fatal } = LOG_LEVELS;

/**
 * The logger of an application, with levels that follow a config without a restart: per logger, user or whatever else
 * its rules match. The context of Nest's `Logger` is the logger path: for `new Logger('CartService')`, rules match
 * `CartService` as `quonfig-sdk-logging.key`. Rules also see the contexts of the current request.
 *
 * Parameters reach the logger underneath unchanged. A message that is not enabled costs less than 100 ns, and one that is a
 * function is not called.
 *
 * @example
 * ```ts
 * const app = await NestFactory.create(AppModule, { bufferLogs: true });
 * app.useLogger(app.get(QuonfigLogger));
 * ```
 *
 * @publicApi
 */
export class QuonfigLogger implements LoggerService {
  private readonly levels: Pick<LoggerLevels, 'allows'>;
  private readonly logger: LoggerService;

  /**
   * @param quonfig the service, or a reader with bound contexts
   * @param options the logger underneath, and the level without a config. Default `{}`
   * @throws {InvalidOptionsError} `invalid_options`: `logger` or `defaultLevel` is not valid
   * @example
   * ```ts
   * const logger = new ConsoleLogger({ json: true });
   * app.useLogger(new QuonfigLogger(app.get(QuonfigService), { logger, defaultLevel: 'warn' }));
   * ```
   */
  constructor(quonfig: Pick<LogLevels, 'loggerLevels'>, options: QuonfigLoggerOptions = {}) {
    const problems = checkLoggerOptions(options);
    if (problems.length > 0) throw new InvalidOptionsError(problems);
    const { defaultLevel = 'info', logger } = options;
    // A test may have replaced the service with a stub that has only what the test reads.
    this.levels = quonfig.loggerLevels?.({ defaultLevel }) ?? fixedLevels(LOG_LEVELS[defaultLevel]);
    this.logger = logger ?? new ConsoleLogger({ logLevels: ALL_LEVELS });
  }

  log(message: unknown, ...params: unknown[]): void {
    if (this.allows(info, contextOf(params))) this.logger.log(message, ...params);
  }

  warn(message: unknown, ...params: unknown[]): void {
    if (this.allows(warn, contextOf(params))) this.logger.warn(message, ...params);
  }

  error(message: unknown, ...params: unknown[]): void {
    if (this.allows(error, contextBesideStack(params))) this.logger.error(message, ...params);
  }

  debug(message: unknown, ...params: unknown[]): void {
    if (this.allows(debug, contextOf(params))) this.logger.debug?.(message, ...params);
  }

  verbose(message: unknown, ...params: unknown[]): void {
    if (this.allows(trace, contextOf(params))) this.logger.verbose?.(message, ...params);
  }

  /** A logger without the level `fatal` receives the message as an error. */
  fatal(message: unknown, ...params: unknown[]): void {
    if (!this.allows(fatal, contextBesideStack(params))) return;
    if (this.logger.fatal === undefined) this.logger.error(message, ...params);
    else this.logger.fatal(message, ...params);
  }

  /**
   * Returns whether a message of this level would be passed on now, to skip expensive work. `Logger.isLevelEnabled()` of
   * Nest does not ask the logger of the application.
   *
   * @param level level of Nest
   * @param context context of the logger. Default: that of messages without one
   */
  isLevelEnabled(level: NestLevel, context?: string): boolean {
    return this.allows(NUMBERS[level], context);
  }

  /**
   * Sets the levels of the logger underneath, if it has them: a fixed limit on top of the config. `app.useLogger([…])` calls
   * it.
   */
  setLogLevels(levels: NestLevel[]): void {
    this.logger.setLogLevels?.(levels);
  }

  private allows(level: number, context: string | undefined): boolean {
    return this.levels.allows(context ?? this.ownContext(), level);
  }

  /** The context that the logger underneath adds to messages without one. */
  private ownContext(): string {
    const { context } = this.logger as { context?: unknown };
    return typeof context === 'string' && context !== '' ? context : NO_CONTEXT;
  }
}

function fixedLevels(level: number): Pick<LoggerLevels, 'allows'> {
  return { allows: (_, desired) => desired >= level };
}
