import { Logger } from '@nestjs/common';
import { oneOf } from '../../options/accepted.js';
import { kindOf } from '../../options/kind.js';
import { wrongKind } from '../../options/options.messages.js';
import { LOG_LEVELS } from '../../logging/log-levels.js';
import { loggerOfItself } from './logger.messages.js';

const LEVEL = oneOf(...Object.keys(LOG_LEVELS));
const REQUIRED = ['log', 'warn', 'error'];

/** Returns the problems with the options of a `QuonfigLogger`. */
export function checkLoggerOptions(options: unknown): string[] {
  if (kindOf(options) !== 'an object') {
    return [
      wrongKind('the argument', kindOf(options), "an object, such as { defaultLevel: 'info' }"),
    ];
  }
  const { logger, defaultLevel } = options as Record<string, unknown>;
  const problems: string[] = [];
  if (defaultLevel !== undefined && !LEVEL.accepts(defaultLevel)) {
    problems.push(wrongKind('defaultLevel', kindOf(defaultLevel), LEVEL.accepted));
  }
  if (logger instanceof Logger) problems.push(loggerOfItself());
  else if (logger !== undefined && !isLogger(logger)) {
    const accepted = 'an object with the methods log, warn and error, such as new ConsoleLogger()';
    problems.push(wrongKind('logger', kindOf(logger), accepted));
  }
  return problems;
}

function isLogger(candidate: unknown): boolean {
  if (typeof candidate !== 'object' || candidate === null) return false;
  const methods = candidate as Record<string, unknown>;
  return REQUIRED.every((name) => typeof methods[name] === 'function');
}
