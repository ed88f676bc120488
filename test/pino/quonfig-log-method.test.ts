import { createRequire } from 'node:module';
import { Writable } from 'node:stream';
import pino, { type Logger, type LoggerOptions } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import type { QuonfigService } from '../../lib/index.js';
import { quonfigLogMethod, type QuonfigLogMethodOptions } from '../../lib/pino/index.js';
import { EnvelopeFile, rule, serviceOf, serviceWith } from '../support/configs.js';
import { forPath, level, levels, loggerKey } from '../support/logger-levels.js';
import { RecordingLogger } from '../support/recording-logger.js';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
const shop = levels(
  rule(level('DEBUG'), forPath('CartService')),
  rule(level('ERROR'), forPath('Noisy')),
  rule(level('INFO')),
);

interface Written {
  readonly logger: Logger;
  /** The records so far, parsed. */
  records(): Record<string, unknown>[];
}

function logging(
  quonfig: Pick<QuonfigService, 'loggerLevels'>,
  options: QuonfigLogMethodOptions = {},
  pinoOptions: LoggerOptions = {},
): Written {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(...String(chunk).trimEnd().split('\n'));
      done();
    },
  });
  const logger = pino(
    { level: 'trace', hooks: { logMethod: quonfigLogMethod(quonfig, options) }, ...pinoOptions },
    stream,
  );
  return {
    logger,
    records: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

const messages = (written: Written): unknown[] => written.records().map(({ msg }) => msg);

function writeAll(logger: Logger): void {
  for (const name of LEVELS) logger[name](name);
}

describe('quonfigLogMethod', () => {
  it('pino logs each message by the level of its logger: a child with a context, or a name', async () => {
    const quonfig = await serviceOf([shop], { loggerKey });
    for (const bindings of [{ context: 'CartService' }, { name: 'CartService' }]) {
      const written = logging(quonfig);
      writeAll(written.logger.child(bindings));
      expect(messages(written)).toEqual(LEVELS.slice(1));
    }
    const other = logging(quonfig);
    writeAll(other.logger.child({ context: 'Noisy', name: 'CartService' }));
    expect(messages(other)).toEqual(LEVELS.slice(4));
    const named = logging(quonfig, {}, { name: 'Noisy' });
    writeAll(named.logger);
    expect(messages(named)).toEqual(LEVELS.slice(4));
  });

  it('pino logs a message by the context among its own fields first', async () => {
    const written = logging(await serviceOf([shop], { loggerKey }));
    const noisy = written.logger.child({ context: 'Noisy' });
    noisy.debug({ context: 'CartService', items: 3 }, 'added');
    noisy.debug({ items: 3 }, 'not logged');
    expect(written.records()).toMatchObject([{ level: 20, items: 3, msg: 'added' }]);
  });

  it('pino logs loggers without a name by the path app', async () => {
    const quonfig = await serviceOf(
      [levels(rule(level('TRACE'), forPath('app')), rule(level('FATAL')))],
      {
        loggerKey,
      },
    );
    const written = logging(quonfig);
    writeAll(written.logger);
    writeAll(written.logger.child({ requestId: 'r-1', request: { name: 'CartService' } }));
    expect(messages(written)).toEqual([...LEVELS, ...LEVELS]);
  });

  it('children of children, and loggers with new bindings, have the current path', async () => {
    const written = logging(await serviceOf([shop], { loggerKey }));
    const parent = written.logger.child({ context: 'Noisy' });
    const child = parent.child({ requestId: 'r-1' });
    child.warn('not logged');
    child.child({ context: 'CartService' }).debug('of the grandchild');
    child.setBindings({ context: 'CartService' });
    child.debug('with new bindings');
    expect(messages(written)).toEqual(['of the grandchild', 'with new bindings']);
  });

  it('new bindings also apply to a logger from another copy of pino', async () => {
    const require = createRequire(import.meta.url);
    for (const file of Object.keys(require.cache)) {
      if (/[\\/]pino[\\/]/.test(file)) delete require.cache[file];
    }
    const copy = require('pino') as typeof pino;
    expect(copy.symbols.chindingsSym).not.toBe(pino.symbols.chindingsSym);
    const lines: string[] = [];
    const logMethod = quonfigLogMethod(await serviceOf([shop], { loggerKey }));
    const logger = copy(
      { level: 'trace', hooks: { logMethod } },
      { write: (line) => lines.push(line) },
    );
    const child = logger.child({ context: 'CartService' });
    child.debug('before');
    child.setBindings({ context: 'Noisy' });
    child.debug('after');
    expect(lines.map((line) => JSON.parse(line).msg as string)).toEqual(['before']);
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

  it('pino keeps redaction, serializers, mixins and formatters', async () => {
    const written = logging(
      await serviceOf([shop], { loggerKey }),
      {},
      {
        redact: ['password'],
        serializers: { user: ({ id }: { id: string }) => id },
        mixin: () => ({ mixed: true }),
        formatters: { level: (label) => ({ severity: label }) },
        messageKey: 'message',
      },
    );
    written.logger
      .child({ context: 'CartService' }, { serializers: { items: () => 'some' } })
      .debug({ password: 'hunter2', user: { id: 'u-1' }, items: [1] }, 'added %d', 3);
    expect(written.records()).toEqual([
      expect.objectContaining({
        severity: 'debug',
        context: 'CartService',
        password: '[Redacted]',
        user: 'u-1',
        items: 'some',
        mixed: true,
        message: 'added 3',
      }),
    ]);
  });

  it('a level set on pino itself, or on a child, applies in addition to the config', async () => {
    const written = logging(await serviceOf([shop], { loggerKey }), {}, { level: 'info' });
    writeAll(written.logger.child({ context: 'CartService' }));
    expect(messages(written)).toEqual(LEVELS.slice(2));
    written.logger.child({ context: 'CartService' }, { level: 'error' }).warn('not logged');
    expect(messages(written)).toEqual(LEVELS.slice(2));
  });

  it('a custom level of pino counts as the level below it', async () => {
    const quonfig = await serviceOf([shop], { loggerKey });
    const customLevels = { critical: 70, alert: 55, audit: 35, detail: 5 };
    const written = logging(quonfig, {}, { customLevels, level: 'detail' });
    for (const context of ['Other', 'Noisy']) {
      const child = written.logger.child({ context }) as Logger<keyof typeof customLevels>;
      child.critical(`critical ${context}`);
      child.alert(`alert ${context}`);
      child.audit(`audit ${context}`);
      child.detail(`detail ${context}`);
    }
    expect(messages(written)).toEqual([
      'critical Other',
      'alert Other',
      'audit Other',
      'critical Noisy',
      'alert Noisy',
    ]);
  });

  it('a standard level of pino with another number keeps its meaning', async () => {
    const quonfig = await serviceOf([shop], { loggerKey });
    const customLevels = { debug: 100, info: 200, error: 500 };
    const written = logging(
      quonfig,
      {},
      { customLevels, useOnlyCustomLevels: true, level: 'debug' },
    );
    for (const name of ['debug', 'info', 'error'] as const) written.logger[name](name);
    expect(messages(written)).toEqual(['info', 'error']);
  });

  it('the path is not a property of an error that is logged', async () => {
    const quonfig = await serviceOf([shop], { loggerKey });
    const written = logging(quonfig);
    const error = Object.assign(new Error('no stock'), { context: 'Noisy' });
    written.logger.child({ context: 'CartService' }).debug(error);
    expect(messages(written)).toEqual(['no stock']);
  });

  it('a hook of the application is called for the messages that are logged', async () => {
    const logMethod = vi.fn(function (
      this: Logger,
      args: Parameters<pino.LogFn>,
      method: pino.LogFn,
      _level: number,
    ) {
      method.apply(this, [{ hooked: true }, ...args] as unknown as Parameters<pino.LogFn>);
    });
    const written = logging(await serviceOf([shop], { loggerKey }), { logMethod });
    writeAll(written.logger.child({ context: 'Noisy' }));
    expect(written.records().map(({ hooked, msg }) => [hooked, msg])).toEqual([
      [true, 'error'],
      [true, 'fatal'],
    ]);
    expect(logMethod.mock.calls.map(([, , number]) => number)).toEqual([50, 60]);
  });

  it('the field and the binding with the path can have another name', async () => {
    const written = logging(await serviceOf([shop], { loggerKey }), { contextName: 'module' });
    written.logger.child({ module: 'CartService' }).debug('by binding');
    written.logger.debug({ module: 'CartService' }, 'by field');
    written.logger.child({ context: 'CartService' }).debug('not logged');
    expect(messages(written)).toEqual(['by binding', 'by field']);
  });

  it('without a config, pino logs from info, or from defaultLevel', async () => {
    const quonfig = await serviceOf([]);
    for (const [options, expected] of [
      [{}, LEVELS.slice(2)],
      [{ defaultLevel: 'error' }, LEVELS.slice(4)],
    ] as const) {
      const written = logging(quonfig, options);
      writeAll(written.logger);
      expect(messages(written)).toEqual(expected);
    }
  });

  it('the bindings of a logger are parsed only if they can contain a path, and once', async () => {
    const written = logging(await serviceOf([shop], { loggerKey }));
    const plain = written.logger.child({ request: { url: '/cart' } });
    const named = written.logger.child({ context: 'CartService' });
    const parses = [plain, named].map((logger) => vi.spyOn(logger, 'bindings'));
    for (let i = 0; i < 10; i++) {
      plain.debug('message');
      named.debug('message');
    }
    expect(parses.map(({ mock }) => mock.calls.length)).toEqual([0, 1]);
  });
});
