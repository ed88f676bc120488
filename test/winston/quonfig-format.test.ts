import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import winston, { type Logger, type LoggerOptions } from 'winston';
import type { QuonfigService } from '../../lib/index.js';
import { quonfigFormat, type QuonfigFormatOptions } from '../../lib/winston/index.js';
import { EnvelopeFile, rule, serviceOf, serviceWith } from '../support/configs.js';
import { forPath, level, levels, loggerKey } from '../support/logger-levels.js';
import { RecordingLogger } from '../support/recording-logger.js';

const shop = levels(
  rule(level('DEBUG'), forPath('CartService')),
  rule(level('ERROR'), forPath('Noisy')),
  rule(level('TRACE'), forPath('Everything')),
  rule(level('INFO')),
);

/** The levels of winston, the most severe first. */
const NPM = ['error', 'warn', 'info', 'http', 'verbose', 'debug', 'silly'];

interface Written {
  readonly logger: Logger;
  records(): Record<string, unknown>[];
}

const { combine, colorize, json, label, splat } = winston.format;

function logging(
  quonfig: Pick<QuonfigService, 'loggerLevels'>,
  options: QuonfigFormatOptions = {},
  more: LoggerOptions = {},
): Written {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const logger = winston.createLogger({
    level: 'silly',
    format: combine(quonfigFormat(quonfig, options), json()),
    transports: [new winston.transports.Stream({ stream })],
    ...more,
  });
  return {
    logger,
    records: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

const messages = (written: Written): unknown[] => written.records().map(({ message }) => message);

function writeAll(logger: Logger, names: readonly string[] = NPM): void {
  for (const name of names) logger.log(name, name);
}

describe('quonfigFormat', () => {
  it('winston logs each message by the level of its logger: a child with a context', async () => {
    const quonfig = await serviceOf([shop], { loggerKey });
    for (const [context, expected] of [
      ['Everything', NPM],
      ['CartService', NPM.slice(0, 6)],
      ['Other', NPM.slice(0, 3)],
      ['Noisy', NPM.slice(0, 1)],
    ] as const) {
      const written = logging(quonfig);
      writeAll(written.logger.child({ context }));
      expect(messages(written)).toEqual(expected);
    }
  });

  it('the path is in the field context, else in label, else app', async () => {
    const quonfig = await serviceOf(
      [levels(rule(level('DEBUG'), forPath('CartService', 'app')), rule(level('ERROR')))],
      { loggerKey },
    );
    const written = logging(quonfig);
    written.logger.debug('by its own field', { context: 'CartService', label: 'Noisy' });
    written.logger.debug('without a path');
    written.logger.debug('not logged', { label: 'Noisy' });
    written.logger.debug('not a string', { context: { items: 3 }, label: 'CartService' });
    expect(messages(written)).toEqual(['by its own field', 'without a path', 'not a string']);
    const labeled = logging(
      quonfig,
      {},
      { format: combine(label({ label: 'CartService' }), quonfigFormat(quonfig), json()) },
    );
    labeled.logger.debug('by the format label');
    expect(messages(labeled)).toEqual(['by the format label']);
  });

  it('the field with the path can have another name', async () => {
    const written = logging(await serviceOf([shop], { loggerKey }), { contextName: 'module' });
    written.logger.child({ module: 'CartService' }).debug('by its module');
    written.logger.child({ context: 'CartService' }).debug('not logged');
    expect(messages(written)).toEqual(['by its module']);
  });

  it.each([
    ['npm', winston.config.npm.levels],
    ['syslog', winston.config.syslog.levels],
    ['cli', winston.config.cli.levels],
    ['custom', { fatal: 0, err: 1, alert: 2, audit: 3, trace: 4 }],
  ])('the levels of %s map to those of Quonfig', async (_, names) => {
    const expected: Record<string, string> = {
      silly: 'trace',
      trace: 'trace',
      debug: 'debug',
      verbose: 'debug',
      http: 'debug',
      info: 'info',
      notice: 'info',
      warn: 'warn',
      warning: 'warn',
      error: 'error',
      err: 'error',
      crit: 'error',
      fatal: 'fatal',
      emerg: 'fatal',
      alert: 'fatal',
    };
    const order = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
    for (const configured of order) {
      const quonfig = await serviceOf([levels(rule(level(configured)))], { loggerKey });
      const lowest = Object.keys(names).at(-1)!;
      const written = logging(quonfig, {}, { levels: names, level: lowest });
      writeAll(written.logger, Object.keys(names));
      // Levels without a counterpart, such as audit, count as info.
      const logged = Object.keys(names).filter(
        (name) => order.indexOf(expected[name] ?? 'info') >= order.indexOf(configured),
      );
      expect(messages(written)).toEqual(logged);
    }
  });

  it('existing children follow a config change', async () => {
    const file = new EnvelopeFile([shop]);
    const quonfig = await serviceWith({
      datafile: file.path,
      loggerKey,
      logger: new RecordingLogger(),
    });
    const written = logging(quonfig);
    const child = written.logger.child({ context: 'OrderService' });
    child.debug('before');
    file.set([levels(rule(level('DEBUG'), forPath('OrderService')), rule(level('WARN')))]);
    await quonfig.refresh();
    child.debug('after');
    written.logger.child({ context: 'CartService' }).info('no longer');
    expect(messages(written)).toEqual(['after']);
  });

  it('winston keeps other formats, and levels colored by an earlier one are recognized', async () => {
    const quonfig = await serviceOf([shop], { loggerKey });
    const written = logging(
      quonfig,
      {},
      { format: combine(colorize(), quonfigFormat(quonfig), splat(), json()) },
    );
    const child = written.logger.child({ context: 'CartService' });
    child.debug('added %d', 3, { items: [1] });
    child.silly('not logged');
    expect(written.records()).toEqual([
      expect.objectContaining({ message: 'added 3', items: [1], context: 'CartService' }),
    ]);
  });

  it('a level set on winston, or on a transport, applies in addition to the config', async () => {
    const written = logging(await serviceOf([shop], { loggerKey }), {}, { level: 'info' });
    writeAll(written.logger.child({ context: 'Everything' }));
    expect(messages(written)).toEqual(NPM.slice(0, 3));
  });

  it('uncaught exceptions and rejections are logged at every level', async () => {
    const quonfig = await serviceOf([levels(rule(level('FATAL')))], { loggerKey });
    const format = quonfigFormat(quonfig);
    for (const kind of ['exception', 'rejection']) {
      const record = { level: 'error', message: 'why', [kind]: true };
      expect(format.transform(record, {})).toBe(record);
    }
    expect(format.transform({ level: 'error', message: 'why' }, {})).toBe(false);
  });

  it('without a config, winston logs from info, or from defaultLevel', async () => {
    const quonfig = await serviceOf([]);
    for (const [options, expected] of [
      [{}, NPM.slice(0, 3)],
      [{ defaultLevel: 'error' }, NPM.slice(0, 1)],
    ] as const) {
      const written = logging(quonfig, options);
      writeAll(written.logger);
      expect(messages(written)).toEqual(expected);
    }
  });
});
