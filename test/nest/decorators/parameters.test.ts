import 'reflect-metadata';
import {
  type ArgumentMetadata,
  type CallHandler,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  type INestApplication,
  type ModuleMetadata,
  type NestInterceptor,
  ParseIntPipe,
  type PipeTransform,
  Query,
  Scope,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { ExternalContextCreator } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ConfigDetails,
  ConfigValue,
  type ContextFactory,
  createQuonfigDecorators,
  type EvaluationDetails,
  Flag,
  QuonfigContext,
  QuonfigModule,
  type QuonfigModuleOptions,
  QuonfigService,
} from '../../../lib/index.js';
import { config, constant, envelope, flagWhen, rule, value, when } from '../../support/configs.js';
import { RecordingLogger } from '../../support/recording-logger.js';

let app: INestApplication | undefined;
let url: string;
let logger: RecordingLogger;

const CONFIGS = envelope([
  flagWhen('fuzzy', when('PROP_IS_ONE_OF', 'user.key', ['anna'])),
  constant('limit', 'int', 20),
  constant('port', 'string', '8080'),
  constant('names', 'string_list', ['a', 'b']),
  constant('ranker', 'json', { weight: 1 }),
  constant('hold', 'duration', 'PT1S'),
  constant('level', 'log_level', 'debug'),
  config('owner', 'string', [
    rule(value('string', 'A'), when('PROP_IS_ONE_OF', 'user.key', ['anna'])),
    rule(value('string', 'nobody')),
  ]),
]);

interface Request {
  headers: Record<string, string | undefined>;
  user?: { id: string | undefined };
}

const byUser: ContextFactory = (source) =>
  source.type === 'http' ? { user: { key: (source.request as Request).user?.id } } : undefined;

@Injectable()
class AuthGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    request.user = { id: request.headers['x-user'] };
    return true;
  }
}

@Injectable()
class Suffix implements PipeTransform {
  constructor(private readonly quonfig: QuonfigService) {}
  transform(given: unknown, { type, data }: ArgumentMetadata): string {
    return `${String(given)}/${type}/${data}/${this.quonfig.getNumber('limit')}`;
  }
}

const double: PipeTransform = { transform: (given: number) => given * 2 };

@Controller()
class Routes {
  @Get('flag') @UseGuards(AuthGuard) flag(@Flag('fuzzy') on: boolean) {
    return { on };
  }
  @Get('flag-default') flagDefault(
    @Flag('missing', true) on: boolean,
    @Flag('missing') off: boolean,
  ) {
    return { on, off };
  }
  @Get('value') @UseGuards(AuthGuard) value(
    @ConfigValue('owner') owner: string,
    @ConfigValue('limit', 5) limit: number,
    @ConfigValue('missing', 5) missing: number,
    @ConfigValue('ranker') ranker: object,
    @Query('q') query: string,
  ) {
    return { owner, limit, missing, ranker, query };
  }
  @Get('pipes') pipes(
    @ConfigValue('port', ParseIntPipe) port: number,
    @ConfigValue('limit', 1, double, double) limit: number,
    @ConfigValue('missing', '7', new ParseIntPipe()) missing: number,
    @ConfigValue('limit', Suffix) injected: string,
    @Flag('fuzzy', Suffix) flag: string,
  ) {
    return { port, limit, missing, injected, flag };
  }
  @Get('details') details(
    @ConfigDetails('fuzzy') flag: EvaluationDetails,
    @ConfigDetails('limit') int: EvaluationDetails,
    @ConfigDetails('names') list: EvaluationDetails,
    @ConfigDetails('ranker') json: EvaluationDetails,
    @ConfigDetails('hold') hold: EvaluationDetails,
    @ConfigDetails('level') level: EvaluationDetails,
    @ConfigDetails('port') text: EvaluationDetails,
    @ConfigDetails('missing') missing: EvaluationDetails,
  ) {
    const values = [flag, int, list, json, hold, level, text].map((details) => details.value);
    return { values, reason: flag.reason, code: missing.errorCode };
  }
}

async function start(
  adapter: () => ExpressAdapter | FastifyAdapter,
  metadata: ModuleMetadata = { controllers: [Routes] },
  options: Partial<QuonfigModuleOptions> = {},
  prepare: (created: INestApplication) => void = () => undefined,
): Promise<void> {
  const imports = [
    QuonfigModule.forRoot({ datafile: CONFIGS, logger, context: byUser, ...options }),
    ...(metadata.imports ?? []),
  ];
  const providers = [AuthGuard, ...(metadata.providers ?? [])];
  const module = await Test.createTestingModule({ ...metadata, imports, providers }).compile();
  app = module.createNestApplication(adapter() as ExpressAdapter, { logger: false });
  prepare(app);
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
}

async function get(path: string, user?: string): Promise<unknown> {
  const response = await fetch(`${url}/${path}`, {
    headers: user === undefined ? {} : { 'x-user': user },
  });
  expect(response.status).toBe(200);
  return response.json();
}

beforeEach(() => {
  logger = new RecordingLogger();
});

afterEach(async () => {
  await app?.close();
  app = undefined;
});

describe.each([
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
])('handler parameters on %s', (_, adapter) => {
  it('@Flag passes whether the flag is on for the user of the request', async () => {
    await start(adapter);
    expect(await get('flag', 'anna')).toEqual({ on: true });
    expect(await get('flag', 'ben')).toEqual({ on: false });
    expect(await get('flag-default')).toEqual({ on: true, off: false });
  });

  it('@ConfigValue passes the value for the user of the request, or else the default', async () => {
    await start(adapter);
    const same = { limit: 20, missing: 5, ranker: { weight: 1 }, query: 'x' };
    expect(await get('value?q=x', 'anna')).toEqual({ owner: 'A', ...same });
    expect(await get('value?q=x', 'ben')).toEqual({ owner: 'nobody', ...same });
  });

  it('@ConfigDetails passes the value and the reason, for configs of every type', async () => {
    await start(adapter);
    expect(await get('details')).toEqual({
      values: [false, 20, ['a', 'b'], { weight: 1 }, 1000, 'debug', '8080'],
      reason: 'TARGETING_MATCH',
      code: 'FLAG_NOT_FOUND',
    });
  });

  it('pipes receive the value, whether they are classes or instances, with or without a default', async () => {
    await start(adapter);
    expect(await get('pipes')).toEqual({
      port: 8080,
      limit: 80,
      missing: 7,
      injected: '20/custom/limit/20',
      flag: 'false/custom/fuzzy/20',
    });
  });

  it('a global pipe that changes objects leaves parameters alone', async () => {
    const trim: PipeTransform = {
      transform: (given: unknown) =>
        typeof given === 'object' && given !== null ? { ...given } : given,
    };
    await start(adapter, undefined, {}, (created) => created.useGlobalPipes(trim));
    expect(await get('value?q=x', 'anna')).toMatchObject({ owner: 'A', ranker: { weight: 1 } });
  });

  it('parameters use the contexts that an interceptor entered for the handler', async () => {
    @Injectable()
    class AsAnna implements NestInterceptor {
      constructor(private readonly context: QuonfigContext) {}
      intercept(_context: ExecutionContext, next: CallHandler) {
        this.context.merge({ user: { key: 'anna' } });
        return next.handle();
      }
    }
    @Controller()
    class Merged {
      @Get('merged') @UseInterceptors(AsAnna) merged(@Flag('fuzzy') on: boolean) {
        return { on };
      }
    }
    await start(adapter, { controllers: [Merged], providers: [AsAnna] });
    expect(await get('merged')).toEqual({ on: true });
  });

  it('a named instance and its bound decorators read from that instance', async () => {
    interface BillingConfig {
      limit: number;
      fuzzy: boolean;
    }
    const Billing = createQuonfigDecorators<BillingConfig>('billing');
    @Controller()
    class Named {
      constructor(@Billing.InjectQuonfig() private readonly quonfig: QuonfigService) {}

      @Get('named') named(
        @ConfigValue('limit', 1, { instance: 'billing' }) limit: number,
        @ConfigValue('limit', { instance: 'billing' }) short: number,
        @ConfigValue('limit', double, { instance: 'billing' }) doubled: number,
        @ConfigDetails('limit', { instance: 'billing' }) details: EvaluationDetails,
        @Flag('fuzzy', { instance: 'billing' }) flag: boolean,
        @ConfigValue('limit') own: number,
      ) {
        return { limit, short, doubled, details: details.value, flag, own };
      }

      @Get('bound') @Billing.RequireFlag('fuzzy') bound(
        @Billing.Flag('fuzzy') flag: boolean,
        @Billing.Flag('fuzzy', false) flagDefault: boolean,
        @Billing.ConfigValue('limit') limit: number,
        @Billing.ConfigValue('limit', 3, double) doubled: number,
        @Billing.ConfigDetails('limit') details: EvaluationDetails,
      ) {
        const injected = this.quonfig.getNumber('limit');
        return { flag, flagDefault, limit, doubled, details: details.value, injected };
      }
    }
    const billing = QuonfigModule.forRoot({
      name: 'billing',
      datafile: envelope([constant('limit', 'int', 100), constant('fuzzy', 'bool', true)]),
      logger,
    });
    await start(adapter, { imports: [billing], controllers: [Named] });
    expect(await get('named')).toEqual({
      limit: 100,
      short: 100,
      doubled: 200,
      details: 100,
      flag: true,
      own: 20,
    });
    expect(await get('bound')).toEqual({
      flag: true,
      flagDefault: true,
      limit: 100,
      doubled: 200,
      details: 100,
      injected: 100,
    });
  });

  it('two applications in one process each read their own configs', async () => {
    await start(adapter);
    const first = { app: app!, url };
    await start(adapter, undefined, {
      datafile: envelope([constant('owner', 'string', 'second'), constant('ranker', 'json', {})]),
    });
    try {
      expect(await get('value', 'anna')).toMatchObject({ owner: 'second' });
      url = first.url;
      expect(await get('value', 'anna')).toMatchObject({ owner: 'A' });
    } finally {
      await first.app.close();
    }
  });

  it('parameters work in a request-scoped controller', async () => {
    @Controller({ scope: Scope.REQUEST })
    class Scoped {
      @Get('scoped') @UseGuards(AuthGuard) scoped(@ConfigValue('owner') owner: string) {
        return { owner };
      }
    }
    await start(adapter, { controllers: [Scoped] });
    expect(await get('scoped', 'anna')).toEqual({ owner: 'A' });
  });

  it('a controller test can provide a stub of the service in place of the module', async () => {
    const useValue = { isEnabled: (key: string) => key === 'fuzzy' };
    @Controller()
    class Stubbed {
      @Get('flag') flag(@Flag('fuzzy') on: boolean) {
        return { on };
      }
    }
    const module = await Test.createTestingModule({
      controllers: [Stubbed],
      providers: [{ provide: QuonfigService, useValue }],
    }).compile();
    app = module.createNestApplication(adapter() as ExpressAdapter, { logger: false });
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
    expect(await get('flag')).toEqual({ on: true });
  });
});

describe('resolver parameters', () => {
  class Cats {
    name(_parent: unknown, @ConfigValue('owner') owner: unknown) {
      return owner;
    }
  }

  it('a field that Nest resolves without guards and interceptors gets the value for its request', async () => {
    logger = new RecordingLogger();
    const byRequest: ContextFactory = (source) =>
      source.type === 'http' ? { user: { key: source.request.from } } : undefined;
    const module = await Test.createTestingModule({
      imports: [QuonfigModule.forRoot({ datafile: CONFIGS, logger, context: byRequest })],
      providers: [Cats],
    }).compile();
    await module.init();
    const cats = module.get(Cats);
    const none = { guards: false, interceptors: false, filters: false };
    const factory = { exchangeKeyForValue: () => undefined };
    const field = module.get(ExternalContextCreator, { strict: false }).create(
      cats,
      // oxlint-disable-next-line typescript/unbound-method
      cats.name,
      'name',
      '__routeArguments__',
      factory,
      undefined,
      undefined,
      none,
      'graphql',
    );
    const resolve = (from: string) => field({}, {}, { req: { from } }, {}) as Promise<string>;
    expect(await Promise.all([resolve('anna'), resolve('ben'), resolve('anna')])).toEqual([
      'A',
      'nobody',
      'A',
    ]);
    await module.close();
  });
});
