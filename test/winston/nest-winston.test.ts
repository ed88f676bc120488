import 'reflect-metadata';
import { Writable } from 'node:stream';
import {
  Controller,
  Get,
  type INestApplication,
  Logger,
  type LoggerService,
  Module,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WINSTON_MODULE_NEST_PROVIDER, WinstonModule } from 'nest-winston';
import { afterEach, describe, expect, it } from 'vitest';
import winston from 'winston';
import { QuonfigLogger, QuonfigModule, QuonfigService } from '../../lib/index.js';
import { quonfigFormat } from '../../lib/winston/index.js';
import { restoreLogger } from '../nest/logger/written-lines.js';
import { EnvelopeFile, rule, when } from '../support/configs.js';
import { forPath, level, levels, loggerKey } from '../support/logger-levels.js';
import { RecordingLogger } from '../support/recording-logger.js';

interface Entry {
  readonly level: string;
  readonly message: string;
  readonly context?: unknown;
  readonly stack?: unknown;
}

let app: INestApplication | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

@Controller()
class CartController {
  private readonly logger = new Logger('CartService');

  @Get('cart')
  cart(): string {
    this.logger.verbose('verbose');
    this.logger.debug('debug');
    this.logger.log('log');
    this.logger.error('error', 'the stack');
    this.logger.fatal('fatal');
    return 'ok';
  }
}

/** npm's levels lack `fatal`, which winston would drop. */
const withFatal = { fatal: 0, error: 1, warn: 2, info: 3, debug: 4, verbose: 5 };

async function start(file: EnvelopeFile, wrapped: boolean) {
  restoreLogger();
  const entries: Entry[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      entries.push(JSON.parse(String(chunk)) as Entry);
      done();
    },
  });

  @Module({
    imports: [
      QuonfigModule.forRoot({
        datafile: file.path,
        loggerKey,
        logger: new RecordingLogger(),
        context: (source) =>
          source.type === 'http'
            ? {
                user: {
                  key: (source.request as { headers: Record<string, string> }).headers['x-user'],
                },
              }
            : undefined,
      }),
      WinstonModule.forRootAsync({
        inject: [QuonfigService],
        useFactory: (quonfig: QuonfigService) => {
          const { combine, json } = winston.format;
          return {
            levels: withFatal,
            level: 'verbose',
            format: wrapped ? json() : combine(quonfigFormat(quonfig), json()),
            transports: [new winston.transports.Stream({ stream })],
          };
        },
      }),
    ],
    controllers: [CartController],
  })
  class RootModule {}

  app = await NestFactory.create<INestApplication>(RootModule, { bufferLogs: true });
  const logger = app.get<LoggerService>(WINSTON_MODULE_NEST_PROVIDER);
  app.useLogger(wrapped ? new QuonfigLogger(app.get(QuonfigService), { logger }) : logger);
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const messagesOf = async (user: string): Promise<string[]> => {
    entries.length = 0;
    expect(await (await fetch(`${url}/cart`, { headers: { 'x-user': user } })).text()).toBe('ok');
    return entries.map(({ message }) => message);
  };
  return { entries, messagesOf };
}

describe.each([
  ['by the format', false],
  ['by QuonfigLogger over it', true],
])('nest-winston with levels %s', (how, wrapped) => {
  it(`the loggers of Nest log by the level of their contexts, live, ${how}`, async () => {
    const file = new EnvelopeFile([
      levels(rule(level('DEBUG'), forPath('CartService')), rule(level('INFO'))),
    ]);
    const { entries, messagesOf } = await start(file, wrapped);
    expect(entries.some(({ context }) => context === 'RoutesResolver')).toBe(true);
    // Winston knows no level between verbose and debug: its verbose counts as debug.
    const all = wrapped
      ? ['debug', 'log', 'error', 'fatal']
      : ['verbose', 'debug', 'log', 'error', 'fatal'];
    expect(await messagesOf('u-1')).toEqual(all);
    expect(entries.find(({ message }) => message === 'error')).toMatchObject({
      context: 'CartService',
      stack: ['the stack'],
    });
    file.set([levels(rule(level('DEBUG'), forPath('OrderService')), rule(level('ERROR')))]);
    await app!.get(QuonfigService).refresh();
    expect(await messagesOf('u-1')).toEqual(['error', 'fatal']);
  });

  it(`the requests of one user log at debug, ${how}`, async () => {
    const user = when('PROP_IS_ONE_OF', 'user.key', ['u-1']);
    const file = new EnvelopeFile([levels(rule(level('TRACE'), user), rule(level('ERROR')))]);
    const { messagesOf } = await start(file, wrapped);
    expect(await messagesOf('u-2')).toEqual(['error', 'fatal']);
    expect(await messagesOf('u-1')).toEqual(['verbose', 'debug', 'log', 'error', 'fatal']);
  });
});
