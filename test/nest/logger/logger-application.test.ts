import 'reflect-metadata';
import {
  ConsoleLogger,
  Controller,
  Get,
  Inject,
  Injectable,
  type INestApplication,
  Logger,
  Module,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { afterEach, describe, expect, it } from 'vitest';
import {
  getQuonfigToken,
  QuonfigError,
  QuonfigLogger,
  QuonfigModule,
  type QuonfigModuleExtras,
  type QuonfigModuleOptions,
  QuonfigService,
} from '../../../lib/index.js';
import {
  config,
  envelope,
  EnvelopeFile,
  rule,
  thrownBy,
  value,
  when,
} from '../../support/configs.js';
import { restoreLogger, texts, writtenPieces } from './written-lines.js';

const loggerKey = 'levels';
const level = (name: string) => value('log_level', name);
const forPath = (...paths: string[]) => when('PROP_IS_ONE_OF', 'quonfig-sdk-logging.key', paths);
const levels = (...rules: Parameters<typeof config>[2]) =>
  config(loggerKey, 'log_level', rules, 'log_level');
const userAtDebug = levels(
  rule(level('DEBUG'), when('PROP_IS_ONE_OF', 'user.key', ['u-1'])),
  rule(level('WARN')),
);

let app: INestApplication | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

@Injectable()
class CartService implements OnModuleInit {
  private readonly logger = new Logger(CartService.name);

  onModuleInit(): void {
    this.logger.debug('initialized');
    this.logger.verbose('in detail');
  }

  async add(): Promise<void> {
    this.logger.debug('added before a wait');
    await new Promise((resolve) => void setImmediate(resolve));
    this.logger.debug('added after it');
    this.logger.warn('added');
  }
}

@Controller()
class CartController {
  constructor(@Inject(CartService) private readonly cart: CartService) {}

  @Get('cart')
  async cartOf(): Promise<string> {
    await this.cart.add();
    return 'ok';
  }
}

function rootModule(options: QuonfigModuleOptions & QuonfigModuleExtras): Type {
  @Module({
    imports: [QuonfigModule.forRoot(options)],
    providers: [CartService],
    controllers: [CartController],
  })
  class RootModule {}
  return RootModule;
}

describe('QuonfigLogger in an application', () => {
  it('no startup line is lost with bufferLogs, and each is filtered by the level of its logger', async () => {
    restoreLogger();
    const pieces = writtenPieces();
    const datafile = envelope([
      levels(
        rule(level('DEBUG'), forPath('CartService')),
        rule(level('WARN'), forPath('RoutesResolver')),
        rule(level('INFO')),
      ),
    ]);
    app = await NestFactory.create(rootModule({ datafile, loggerKey }), { bufferLogs: true });
    expect(pieces).toEqual([]);
    app.useLogger(app.get(QuonfigLogger));
    await app.listen(0, '127.0.0.1');
    const lines = texts(pieces).join('\n');
    expect(lines).toMatch(/NestFactory.*Starting Nest application/);
    expect(lines).toMatch(/InstanceLoader.*QuonfigModule dependencies initialized/);
    expect(lines).toMatch(/DEBUG.*\[CartService\].*initialized/);
    expect(lines).toMatch(/LOG.*\[RouterExplorer\].*Mapped/);
    expect(lines).not.toMatch(/in detail|RoutesResolver/);
    expect(lines.match(/Starting Nest application/g)).toHaveLength(1);
  });

  it('a startup that fails with bufferLogs still writes its log lines', async () => {
    restoreLogger();
    const pieces = writtenPieces();
    const missing = rootModule({ datafile: '/no/such/file.json', loggerKey });
    await expect(
      NestFactory.create(missing, { bufferLogs: true, abortOnError: false }),
    ).rejects.toBeInstanceOf(QuonfigError);
    Logger.flush();
    expect(texts(pieces).join('\n')).toMatch(/Starting Nest application/);
  });

  it('an application logs through a logger that was created before it', async () => {
    restoreLogger();
    const pieces = writtenPieces();
    const quonfig = await QuonfigService.create({
      datafile: envelope([
        levels(rule(level('ERROR'), forPath('InstanceLoader')), rule(level('INFO'))),
      ]),
      loggerKey,
    });
    pieces.length = 0;
    const logger = new QuonfigLogger(quonfig, { logger: new ConsoleLogger({ json: true }) });
    app = await NestFactory.create(rootModule({ datafile: envelope([]) }), { logger });
    await app.init();
    await quonfig.close();
    const records = pieces.map(
      (piece) => JSON.parse(piece.replace(/^std\w+: /, '')) as { context: string },
    );
    const contexts = records.map(({ context }) => context);
    expect(contexts).toContain('NestFactory');
    expect(contexts).not.toContain('InstanceLoader');
  });

  it.each([
    ['Express', () => new ExpressAdapter()],
    ['Fastify', () => new FastifyAdapter()],
  ])('requests from one user log at debug on %s until the config changes', async (_, adapter) => {
    restoreLogger();
    const pieces = writtenPieces();
    const file = new EnvelopeFile([userAtDebug]);
    const module = rootModule({
      datafile: file.path,
      loggerKey,
      context: (source) =>
        source.type === 'http'
          ? {
              user: {
                key: (source.request as { headers: Record<string, string> }).headers['x-user'],
              },
            }
          : undefined,
    });
    app = await NestFactory.create<INestApplication>(module, adapter(), { bufferLogs: true });
    app.useLogger(app.get(QuonfigLogger));
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    const linesOf = async (user: string): Promise<string[]> => {
      pieces.length = 0;
      const response = await fetch(`${url}/cart`, { headers: { 'x-user': user } });
      expect(await response.text()).toBe('ok');
      return texts(pieces).filter((line) => line.includes('added'));
    };
    expect(await linesOf('u-2')).toHaveLength(1);
    expect(await linesOf('u-1')).toEqual([
      expect.stringMatching(/DEBUG.*added before a wait/),
      expect.stringMatching(/DEBUG.*added after it/),
      expect.stringMatching(/WARN.*added/),
    ]);
    const together = await Promise.all(
      ['u-1', 'u-2', 'u-2', 'u-1'].map(async (user) => {
        await fetch(`${url}/cart`, { headers: { 'x-user': user } });
      }),
    );
    expect(together).toHaveLength(4);
    expect(texts(pieces).filter((line) => /DEBUG.*added/.test(line))).toHaveLength(2 + 2 * 2);
    file.set([levels(rule(level('WARN')))]);
    await app.get(QuonfigService).refresh();
    expect(await linesOf('u-1')).toHaveLength(1);
  });

  it('each named instance has its own logger', async () => {
    const at = (name: string) => envelope([levels(rule(level(name)))]);
    const module = await Test.createTestingModule({
      imports: [
        QuonfigModule.forRoot({ datafile: at('ERROR'), loggerKey }),
        QuonfigModule.forRoot({ datafile: at('TRACE'), loggerKey, name: 'billing' }),
      ],
    }).compile();
    const unnamed = module.get(QuonfigLogger);
    const billing = module.get<QuonfigLogger>(getQuonfigToken('billing', QuonfigLogger));
    expect([unnamed, billing].map((logger) => logger.isLevelEnabled('debug'))).toEqual([
      false,
      true,
    ]);
    expect(billing).not.toBe(unnamed);
    await module.close();
  });

  it('getQuonfigToken accepts QuonfigLogger and refuses a class that is not a part', () => {
    expect(getQuonfigToken(undefined, QuonfigLogger)).toBe(QuonfigLogger);
    expect(thrownBy(() => getQuonfigToken('billing', CartService))).toMatchObject({
      code: 'unknown_part',
    });
  });

  it('the QuonfigLogger of the module uses the service that a test substitutes', async () => {
    const quonfig = await QuonfigService.create({
      datafile: envelope([levels(rule(level('FATAL')))]),
      loggerKey,
    });
    const module = await Test.createTestingModule({
      imports: [QuonfigModule.forRoot({ datafile: envelope([]) })],
    })
      .overrideProvider(QuonfigService)
      .useValue(quonfig)
      .compile();
    expect(module.get(QuonfigLogger).isLevelEnabled('error')).toBe(false);
    await module.close();
    await quonfig.close();
  });

  it('an application whose service is a stub still starts, with a working logger', async () => {
    const module = await Test.createTestingModule({
      imports: [QuonfigModule.forRoot({ datafile: envelope([]) })],
    })
      .overrideProvider(QuonfigService)
      .useValue({ isEnabled: () => true })
      .compile();
    const logger = module.get(QuonfigLogger);
    expect([logger.isLevelEnabled('debug'), logger.isLevelEnabled('log')]).toEqual([false, true]);
    await module.close();
  });
});
