import 'reflect-metadata';
import { ConsoleLogger, Logger, type LoggerService } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InvalidOptionsError, QuonfigLogger, type QuonfigService } from '../../../lib/index.js';
import { nestMajor } from '../../support/nest-major.js';
import {
  config,
  EnvelopeFile,
  rule,
  serviceOf,
  serviceWith,
  thrownBy,
  value,
  when,
} from '../../support/configs.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { restoreLogger, texts, useLogger, writtenPieces } from './written-lines.js';

const LEVELS = ['verbose', 'debug', 'log', 'warn', 'error', 'fatal'] as const;
const loggerKey = 'levels';
const level = (name: string) => value('log_level', name);
const forPath = (path: string) => when('PROP_IS_ONE_OF', 'quonfig-sdk-logging.key', [path]);
const levels = (...rules: Parameters<typeof config>[2]) =>
  config(loggerKey, 'log_level', rules, 'log_level');

const shop = levels(
  rule(level('DEBUG'), forPath('CartService')),
  rule(level('TRACE'), forPath('Everything')),
  rule(level('ERROR'), forPath('app')),
  rule(level('INFO')),
);

/** Records the calls of every level. */
function recordingService(): LoggerService & { calls: unknown[][] } {
  const calls: unknown[][] = [];
  const methods = LEVELS.map((name) => [
    name,
    (...args: unknown[]) => void calls.push([name, ...args]),
  ]);
  return { calls, ...(Object.fromEntries(methods) as unknown as LoggerService) };
}

const called = (logger: { calls: unknown[][] }): unknown[] => logger.calls.map(([name]) => name);

describe('QuonfigLogger', () => {
  let quonfig: QuonfigService;

  beforeEach(async () => {
    quonfig = await serviceOf([shop], { loggerKey });
  });

  it('QuonfigLogger filters each Nest level by the configured level of its context', () => {
    const under = recordingService();
    useLogger(new QuonfigLogger(quonfig, { logger: under }));
    for (const [context, expected] of [
      ['Everything', LEVELS],
      ['CartService', LEVELS.slice(1)],
      ['Other', LEVELS.slice(2)],
    ] as const) {
      under.calls.length = 0;
      for (const name of LEVELS) new Logger(context)[name]('message');
      expect(called(under)).toEqual(expected);
      under.calls.length = 0;
      for (const name of LEVELS) Logger[name]('message', context);
      expect(called(under)).toEqual(expected);
    }
  });

  it('QuonfigLogger filters messages without a context under the path app', () => {
    const under = recordingService();
    const logger = new QuonfigLogger(quonfig, { logger: under });
    for (const name of LEVELS) logger[name]('message');
    expect(called(under)).toEqual(['error', 'fatal']);
  });

  it('QuonfigLogger filters messages without a context under the context of the underlying logger', () => {
    const pieces = writtenPieces();
    const logger = new QuonfigLogger(quonfig, {
      logger: new ConsoleLogger('CartService', { colors: false }),
    });
    for (const name of LEVELS) logger[name]('message', { items: 3 });
    for (const name of LEVELS) logger[name]('message');
    expect(pieces.filter((piece) => /VERBOSE/.test(piece))).toEqual([]);
    expect(pieces.filter((piece) => / DEBUG \[CartService\] message/.test(piece))).toHaveLength(2);
  });

  it.each([
    [['message', 'Error: why\n    at cart (/srv/cart.js:3:7)']],
    [['message', 'Error: why\n    at cart (/srv/cart.js:3:7)', 'CartService']],
    [['message', undefined, 'CartService']],
    [['message', 'CartService', 'Error: why\n    at cart (/srv/cart.js:3:7)']],
    [['message', { items: 3 }, 'and text', 'CartService']],
    [['message', new Error('why'), 'CartService']],
    [[{ items: 3 }]],
    [[undefined]],
  ])('QuonfigLogger passes the parameters %j unchanged', (args) => {
    const under = recordingService();
    const logger = new QuonfigLogger(quonfig, { logger: under });
    logger.error(...(args as [unknown, ...unknown[]]));
    expect(under.calls).toEqual([['error', ...args]]);
    expect(under.calls[0]).toHaveLength(args.length + 1);
  });

  it('QuonfigLogger does not take the stack of an error for a logger path', async () => {
    const stack = 'Error: why\n    at cart (/srv/cart.js:3:7)';
    const silent = await serviceOf(
      [
        levels(
          rule(level('FATAL'), forPath('Noisy')),
          rule(level('FATAL'), forPath('app')),
          rule(level('ERROR')),
        ),
      ],
      { loggerKey },
    );
    const under = recordingService();
    const logger = new QuonfigLogger(silent, { logger: under });
    logger.error('message', stack);
    logger.error('message', stack, 'Noisy');
    logger.error('message', 'Noisy', stack);
    logger.error('message', undefined, 'Noisy');
    expect(under.calls).toEqual([]);
    logger.error('message', 'Other', stack);
    expect(under.calls).toEqual([['error', 'message', 'Other', stack]]);
  });

  it('QuonfigLogger calls a message that is a function only if it is logged', () => {
    const pieces = writtenPieces();
    useLogger(new QuonfigLogger(quonfig));
    const message = vi.fn(() => 'expensive');
    new Logger('Other').debug(message);
    expect(message).not.toHaveBeenCalled();
    new Logger('CartService').debug(message);
    expect(message).toHaveBeenCalledTimes(1);
    expect(texts(pieces)).toEqual([expect.stringMatching(/DEBUG.*\[CartService\].*expensive/)]);
  });

  it('QuonfigLogger follows a config change without a restart', async () => {
    const file = new EnvelopeFile([shop]);
    const live = await serviceWith({
      datafile: file.path,
      loggerKey,
      logger: new RecordingLogger(),
    });
    const under = recordingService();
    useLogger(new QuonfigLogger(live, { logger: under }));
    const logger = new Logger('OrderService');
    logger.debug('before');
    file.set([levels(rule(level('DEBUG'), forPath('OrderService')), rule(level('INFO')))]);
    await live.refresh();
    logger.debug('after');
    new Logger('CartService').debug('no longer');
    expect(under.calls).toEqual([['debug', 'after', 'OrderService']]);
  });

  it('without a config, QuonfigLogger logs at the level info or at defaultLevel', async () => {
    const empty = await serviceOf([]);
    for (const [options, expected] of [
      [{}, LEVELS.slice(2)],
      [{ defaultLevel: 'error' }, LEVELS.slice(4)],
      [{ defaultLevel: 'trace' }, LEVELS],
    ] as const) {
      const under = recordingService();
      const logger = new QuonfigLogger(empty, { ...options, logger: under });
      for (const name of LEVELS) logger[name]('message', 'Cart');
      expect(called(under)).toEqual(expected);
    }
  });

  it('QuonfigLogger over a stub of the service logs at defaultLevel and above', () => {
    const under = recordingService();
    const stub = { isEnabled: () => true } as unknown as QuonfigService;
    const logger = new QuonfigLogger(stub, { logger: under, defaultLevel: 'warn' });
    for (const name of LEVELS) logger[name]('message', 'Cart');
    expect(called(under)).toEqual(['warn', 'error', 'fatal']);
  });

  it('QuonfigLogger writes fatal messages as errors to a logger without that level', () => {
    const calls: unknown[][] = [];
    const method = (...args: unknown[]): void => void calls.push(args);
    const logger = new QuonfigLogger(quonfig, {
      logger: { log: method, warn: method, error: method },
    });
    for (const name of LEVELS) logger[name](name, 'Everything');
    expect(calls).toEqual(['log', 'warn', 'error', 'fatal'].map((name) => [name, 'Everything']));
  });

  it('QuonfigLogger.isLevelEnabled takes the context into account', () => {
    const logger = new QuonfigLogger(quonfig, { logger: recordingService() });
    expect(LEVELS.filter((name) => logger.isLevelEnabled(name, 'CartService'))).toEqual(
      LEVELS.slice(1),
    );
    expect(LEVELS.filter((name) => logger.isLevelEnabled(name))).toEqual(['error', 'fatal']);
  });

  it('setLogLevels limits the underlying logger, in addition to the config', () => {
    const pieces = writtenPieces();
    const logger = new QuonfigLogger(quonfig);
    useLogger(logger);
    Logger.overrideLogger(['error']);
    for (const name of LEVELS) new Logger('Everything')[name](name);
    expect(
      pieces.map((piece) => /(\w+) *\[Everything\]|\[Everything\]/.exec(piece)?.[1] ?? piece),
    ).toHaveLength(2);
    expect(pieces.join('')).toMatch(/error[^]*fatal/);
    new QuonfigLogger(quonfig, { logger: recordingService() }).setLogLevels(['error']);
  });

  it('Logger.isLevelEnabled of Nest does not consult a QuonfigLogger', () => {
    useLogger(new QuonfigLogger(quonfig, { logger: recordingService() }));
    const answers = LEVELS.map((name) => Logger.isLevelEnabled(name));
    expect(answers).toEqual(LEVELS.map(() => nestMajor >= 12));
  });

  it.each([
    [{ logger: new Logger('x') }, /logger is a Nest Logger/],
    [
      { logger: {} },
      /logger is an object; expected an object with the methods log, warn and error/,
    ],
    [{ logger: false }, /logger is a boolean|logger is false/],
    [{ defaultLevel: 'loud' }, /defaultLevel is .*; expected "trace", /],
    ['debug', /the argument is/],
  ])('QuonfigLogger refuses the options %j', (options, message) => {
    const error = thrownBy(() => new QuonfigLogger(quonfig, options as never));
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect((error as Error).message).toMatch(message);
  });

  it('a warning about the log level config is logged once, through QuonfigLogger itself', async () => {
    restoreLogger();
    const pieces = writtenPieces();
    const own = await serviceOf([], { loggerKey: 'no.such', logger: undefined });
    useLogger(new QuonfigLogger(own));
    new Logger('Cart').log('message');
    new Logger('Cart').log('message');
    const lines = texts(pieces);
    expect(lines.filter((line) => line.includes('No config has the key "no.such"'))).toHaveLength(
      1,
    );
    expect(lines.filter((line) => line.includes('message'))).toHaveLength(2);
  });
});

describe('QuonfigLogger output', () => {
  const stack = 'Error: why\n    at cart (/srv/cart.js:3:7)\n    at main (/srv/main.js:1:1)';
  class Cart {
    readonly items = 3;
  }
  const argumentLists: Record<string, readonly [unknown, ...unknown[]]> = {
    'a message alone': ['message'],
    'an object as the message': [{ items: 3 }],
    'a list as the message': [[1, 2]],
    'an error as the message': [new Error('why')],
    'a class as the message': [Cart],
    'a function as the message': [() => 'from a function'],
    'more parameters': ['message', { items: 3 }, 'and text', 4],
    'a stack': ['message', stack],
    'a stack and a context': ['message', stack, 'CartService'],
    'an undefined stack and a context': ['message', undefined, 'CartService'],
    'a context and a stack': ['message', 'CartService', stack],
    'a context as the last parameter': ['message', { items: 3 }, 'CartService'],
  };
  const options = {
    default: undefined,
    JSON: { json: true },
    'colored JSON': { json: true, colors: true },
    compact: { compact: true, prefix: 'Shop', timestamp: true },
  };

  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-01-01') }));
  afterEach(() => void vi.useRealTimers());

  it.each(Object.keys(argumentLists))(
    'Nest writes %s through QuonfigLogger just as through ConsoleLogger',
    async (name) => {
      const args = argumentLists[name]!;
      const quonfig = await serviceOf([levels(rule(level('TRACE')))], { loggerKey });
      const pieces = writtenPieces();
      restoreLogger();
      const write = (logger: LoggerService): string[] => {
        Logger.overrideLogger(logger);
        // The first line of a process has no difference of times.
        new Logger('First').log('first');
        pieces.length = 0;
        for (const one of LEVELS) {
          new Logger('OrderService')[one](...args);
          Logger[one](...args);
        }
        return pieces.splice(0);
      };
      for (const under of Object.values(options)) {
        const plain = write(under === undefined ? new ConsoleLogger() : new ConsoleLogger(under));
        expect(plain.length).toBeGreaterThanOrEqual(2 * LEVELS.length);
        const logger = under && new ConsoleLogger(under);
        expect(write(new QuonfigLogger(quonfig, { logger }))).toEqual(plain);
      }
    },
  );
});
