import 'reflect-metadata';
import { Writable } from 'node:stream';
import {
  Controller,
  Get,
  Inject,
  Injectable,
  type INestApplication,
  Logger,
  Module,
} from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { InjectPinoLogger, Logger as PinoNestLogger, LoggerModule, PinoLogger } from 'nestjs-pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QuonfigModule, QuonfigService } from '../../../lib/index.js';
import { quonfigLogMethod } from '../../../lib/pino/index.js';
import { EnvelopeFile, rule, when } from '../../support/configs.js';
import { forPath, level, levels, loggerKey } from '../../support/logger-levels.js';
import { RecordingLogger } from '../../support/recording-logger.js';

interface Entry {
  readonly level: number;
  readonly msg: string;
  readonly context?: string;
  readonly req?: { readonly id: unknown; readonly headers: Record<string, string> };
}

@Injectable()
class CartService {
  private readonly logger = new Logger(CartService.name);

  constructor(@InjectPinoLogger('CartPrices') private readonly prices: PinoLogger) {}

  add(): void {
    this.logger.verbose('verbose of Logger');
    this.logger.debug('debug of Logger');
    this.logger.log('log of Logger');
    this.logger.fatal('fatal of Logger');
    this.prices.debug('debug of PinoLogger');
    this.prices.info({ items: 3 }, 'info of PinoLogger');
  }
}

@Controller()
class CartController {
  constructor(@Inject(CartService) private readonly cart: CartService) {}

  @Get('cart')
  cartOf(): string {
    this.cart.add();
    return 'ok';
  }
}

/** Starts the application. `nestjs-pino` has one root logger per process, so each test file starts one. */
async function start(adapter: AbstractHttpAdapter, file: EnvelopeFile) {
  const entries: Entry[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      for (const line of String(chunk).trimEnd().split('\n'))
        entries.push(JSON.parse(line) as Entry);
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
      LoggerModule.forRootAsync({
        inject: [QuonfigService],
        useFactory: (quonfig: QuonfigService) => ({
          pinoHttp: [
            {
              level: 'trace',
              redact: ['req.headers.authorization'],
              hooks: { logMethod: quonfigLogMethod(quonfig) },
            },
            stream,
          ],
        }),
      }),
    ],
    providers: [CartService],
    controllers: [CartController],
  })
  class RootModule {}

  const app = await NestFactory.create<INestApplication>(RootModule, adapter, { bufferLogs: true });
  app.useLogger(app.get(PinoNestLogger));
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const entriesOf = async (user: string): Promise<Entry[]> => {
    entries.length = 0;
    const headers = { 'x-user': user, authorization: 'secret' };
    expect(await (await fetch(`${url}/cart`, { headers })).text()).toBe('ok');
    return entries.filter(({ msg }) => / of (Pino)?Logger$/.test(msg));
  };
  return { app, entries, entriesOf };
}

/** The tests of one adapter. */
export function testNestjsPino(name: string, adapter: AbstractHttpAdapter): void {
  describe(`nestjs-pino on ${name}`, () => {
    const debugCart = [levels(rule(level('DEBUG'), forPath('CartService')), rule(level('INFO')))];
    let file: EnvelopeFile;
    let started: Awaited<ReturnType<typeof start>>;

    beforeAll(async () => {
      file = new EnvelopeFile(debugCart, false);
      started = await start(adapter, file);
    });

    afterAll(async () => {
      await started.app.close();
      file.remove();
    });

    const change = async (...configs: ReturnType<typeof levels>[]): Promise<void> => {
      file.set(configs);
      await started.app.get(QuonfigService).refresh();
    };

    it(`the lines that are logged during startup with nestjs-pino are written on ${name}`, () => {
      expect(started.entries.some(({ context }) => context === 'RoutesResolver')).toBe(true);
    });

    it(`Logger and PinoLogger of nestjs-pino log by the level of their contexts on ${name}`, async () => {
      const texts = async () => (await started.entriesOf('u-1')).map(({ msg }) => msg);
      await change(...debugCart);
      expect(await texts()).toEqual([
        'debug of Logger',
        'log of Logger',
        'fatal of Logger',
        'info of PinoLogger',
      ]);
      await change(levels(rule(level('DEBUG'), forPath('CartPrices')), rule(level('ERROR'))));
      expect(await texts()).toEqual([
        'fatal of Logger',
        'debug of PinoLogger',
        'info of PinoLogger',
      ]);
    });

    it(`the requests of one user log at debug with nestjs-pino on ${name}`, async () => {
      const user = when('PROP_IS_ONE_OF', 'user.key', ['u-1']);
      await change(levels(rule(level('TRACE'), user), rule(level('ERROR'))));
      expect((await started.entriesOf('u-2')).map(({ msg }) => msg)).toEqual(['fatal of Logger']);
      const detailed = await started.entriesOf('u-1');
      expect(detailed.map(({ level: number }) => number)).toEqual([10, 20, 30, 60, 20, 30]);
      // On Fastify, nestjs-pino adds no fields of the request.
      for (const { req } of name === 'Express' ? detailed : []) {
        expect(req!.headers).toMatchObject({ 'x-user': 'u-1', authorization: '[Redacted]' });
      }
      expect(detailed.at(-1)).toMatchObject({ context: 'CartPrices', items: 3 });
    });
  });
}
