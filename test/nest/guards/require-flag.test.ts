import 'reflect-metadata';
import { connect } from 'node:net';
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  GoneException,
  Head,
  type INestApplication,
  Inject,
  Injectable,
  type ModuleMetadata,
  Post,
  UseGuards,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ContextFactory,
  getRequiredFlags,
  QuonfigModule,
  type QuonfigModuleOptions,
  QuonfigService,
  RequireFlag,
  RequireFlagGuard,
} from '../../../lib/index.js';
import { config, constant, envelope, flagWhen, rule, value, when } from '../../support/configs.js';
import { RecordingLogger } from '../../support/recording-logger.js';

let app: INestApplication | undefined;
let url: string;
let logger: RecordingLogger;

const FLAGS = envelope([
  constant('on', 'bool', true),
  constant('also.on', 'bool', true),
  constant('off', 'bool', false),
  constant('theme', 'string', 'dark'),
  constant('limits', 'json', { rows: [1, 2] }),
  flagWhen('for.anna', when('PROP_IS_ONE_OF', 'user.key', ['anna'])),
  // No rule applies to anybody.
  config('unruled', 'bool', [rule(value('bool', true), when('PROP_IS_ONE_OF', 'user.key', ['x']))]),
  // A value from a variable that is not set fails.
  config('broken', 'bool', [
    rule(value('provided', { source: 'ENV_VAR', lookup: 'QF_UNSET_VAR' })),
  ]),
]);

interface Request {
  headers: Record<string, string | undefined>;
  user?: { id: string };
}

const byUser: ContextFactory = (source) =>
  source.type === 'http' ? { user: { key: (source.request as Request).user?.id } } : undefined;

@Injectable()
class AuthGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    request.user = { id: request.headers['x-user'] ?? '' };
    return true;
  }
}

@Controller()
class Routes {
  @Get('on') @RequireFlag('on') on() {
    return 'reached';
  }
  @Get('off') @RequireFlag('off') off() {
    return 'reached';
  }
  @Post('off') @RequireFlag('off') postOff() {
    return 'reached';
  }
  @Head('head') @RequireFlag('off') head() {
    return 'reached';
  }
  @Get('unknown') @RequireFlag('no.such.flag') unknown() {
    return 'reached';
  }
  @Get('unruled') @RequireFlag('unruled') unruled() {
    return 'reached';
  }
  @Get('all-on') @RequireFlag({ all: ['on', 'also.on'] }) allOn() {
    return 'reached';
  }
  @Get('all-off') @RequireFlag({ all: ['on', 'off'] }) allOff() {
    return 'reached';
  }
  @Get('any-on') @RequireFlag({ any: ['off', 'on'] }) anyOn() {
    return 'reached';
  }
  @Get('any-off') @RequireFlag({ any: ['off', 'no.such.flag'] }) anyOff() {
    return 'reached';
  }
  @Get('not-on') @RequireFlag({ not: 'off' }) notOn() {
    return 'reached';
  }
  @Get('not-off') @RequireFlag({ not: 'on' }) notOff() {
    return 'reached';
  }
  @Get('nested-on') @RequireFlag({ all: ['on', { not: { any: ['off'] } }] }) nestedOn() {
    return 'reached';
  }
  @Get('equals-on') @RequireFlag({ key: 'theme', equals: 'dark' }) equalsOn() {
    return 'reached';
  }
  @Get('equals-off') @RequireFlag({ key: 'theme', equals: 'light' }) equalsOff() {
    return 'reached';
  }
  @Get('json-on') @RequireFlag({ key: 'limits', equals: { rows: [1, 2] } }) jsonOn() {
    return 'reached';
  }
  @Get('missing-off') @RequireFlag({ key: 'no.such.config', equals: null }) missingOff() {
    return 'reached';
  }
  @Get('stacked-on') @RequireFlag('on') @RequireFlag({ not: 'off' }) stackedOn() {
    return 'reached';
  }
  @Get('stacked-off') @RequireFlag('on') @RequireFlag('off') stackedOff() {
    return 'reached';
  }
  @Get('anna') @RequireFlag('for.anna') @UseGuards(AuthGuard) anna() {
    return 'reached';
  }
  @Get('forbidden') @RequireFlag('off', { status: 403 }) forbidden() {
    return 'reached';
  }
  @Get('gone') @RequireFlag('off', { exception: () => new GoneException() }) gone() {
    return 'reached';
  }
  @Get('broken-deny') @RequireFlag({ all: ['on', 'broken'] }) brokenDeny() {
    return 'reached';
  }
  @Get('broken-not') @RequireFlag({ not: 'broken' }) brokenNot() {
    return 'reached';
  }
  @Get('broken-allow') @RequireFlag('broken', { whenUnavailable: 'allow' }) brokenAllow() {
    return 'reached';
  }
  @Get('broken-but-off')
  @RequireFlag({ all: ['off', 'broken'] }, { whenUnavailable: 'allow' })
  brokenButOff() {
    return 'reached';
  }
}

async function start(
  adapter: () => ExpressAdapter | FastifyAdapter,
  metadata: ModuleMetadata = { controllers: [Routes] },
  options: Partial<QuonfigModuleOptions> = {},
  override = (builder: TestingModuleBuilder): TestingModuleBuilder => builder,
): Promise<void> {
  const imports = [
    QuonfigModule.forRoot({ datafile: FLAGS, logger, context: byUser, ...options }),
    ...(metadata.imports ?? []),
  ];
  const providers = [AuthGuard, ...(metadata.providers ?? [])];
  const builder = Test.createTestingModule({ ...metadata, imports, providers });
  app = (await override(builder).compile()).createNestApplication(adapter() as ExpressAdapter, {
    logger: false,
  });
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
}

async function status(path: string, headers: Record<string, string> = {}): Promise<number> {
  return (await fetch(`${url}/${path}`, { headers })).status;
}

/** Everything that the server sends, without the path and the date. */
function rawResponse(method: string, path: string, body = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('end', () => {
      const text = Buffer.concat(chunks).toString('latin1');
      resolve(
        text
          .replace(/^date: .*$/im, '')
          .replace(/^etag: .*$/im, 'etag')
          .replaceAll(path, '/PATH'),
      );
    });
    const length =
      body === '' ? '' : `content-type: application/json\r\ncontent-length: ${body.length}\r\n`;
    socket.write(
      `${method} ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${length}\r\n${body}`,
    );
  });
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
])('@RequireFlag on %s', (_, adapter) => {
  it.each(['on', 'all-on', 'any-on', 'not-on', 'nested-on', 'equals-on', 'json-on', 'stacked-on'])(
    'a call reaches the handler whose requirement holds: %s',
    async (path) => {
      await start(adapter);
      expect(await status(path)).toBe(200);
    },
  );

  it.each([
    'off',
    'all-off',
    'any-off',
    'not-off',
    'equals-off',
    'missing-off',
    'stacked-off',
    'unknown',
    'unruled',
  ])('a call is denied when the requirement does not hold: %s', async (path) => {
    await start(adapter);
    expect(await status(path)).toBe(404);
  });

  it.each([
    ['GET', '/off', ''],
    ['POST', '/off', '{"a":1}'],
    ['GET', '/off?x=1', ''],
    ['HEAD', '/head', ''],
  ])(
    'a denied %s %s returns the same bytes as a route that does not exist',
    async (method, path, body) => {
      await start(adapter);
      const missing = path.replace(/off|head/, (name) => '-'.repeat(name.length));
      const denied = await rawResponse(method, path, body);
      expect(denied).toMatch(/^HTTP\/1\.1 404 Not Found/);
      expect(denied).toBe(await rawResponse(method, missing, body));
    },
  );

  it('a denied request returns the same bytes as a missing route under a global prefix and with CORS', async () => {
    const module = await Test.createTestingModule({
      imports: [QuonfigModule.forRoot({ datafile: FLAGS, logger })],
      controllers: [Routes],
    }).compile();
    app = module.createNestApplication(adapter() as ExpressAdapter, { logger: false });
    app.setGlobalPrefix('api');
    app.enableCors();
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
    const denied = await rawResponse('GET', '/api/off');
    expect(denied).toMatch(/access-control-allow-origin: \*/i);
    expect(denied).toBe(await rawResponse('GET', '/api/---'));
  });

  it('the option "status" selects the status, and "exception" selects the error', async () => {
    await start(adapter);
    const response = await fetch(`${url}/forbidden`);
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ statusCode: 403, message: 'Forbidden' });
    expect(await status('gone')).toBe(410);
  });

  it('a flag is evaluated for the user whom an earlier guard authenticated', async () => {
    await start(adapter);
    expect(await status('anna', { 'x-user': 'anna' })).toBe(200);
    expect(await status('anna', { 'x-user': 'ben' })).toBe(404);
  });

  it('the flags of the class and of the method both apply, each in its place among the guards', async () => {
    @Controller('area')
    @RequireFlag('on')
    class Open {
      @Get('anna') @RequireFlag('for.anna') @UseGuards(AuthGuard) anna() {
        return 'reached';
      }
      @Get('off') @RequireFlag('off') off() {
        return 'reached';
      }
    }
    @Controller('closed')
    @RequireFlag('off')
    class Closed {
      @Get('on') @RequireFlag('on') on() {
        return 'reached';
      }
      @Get('plain') plain() {
        return 'reached';
      }
    }
    @Controller('derived')
    class Derived extends Closed {}
    await start(adapter, { controllers: [Open, Closed, Derived] });
    const seen = { 'x-user': 'anna' };
    expect(await status('area/anna', seen)).toBe(200);
    expect(await status('area/anna', { 'x-user': 'ben' })).toBe(404);
    expect(await status('area/off')).toBe(404);
    expect(await status('closed/on')).toBe(404);
    expect(await status('closed/plain')).toBe(404);
    expect(await status('derived/plain')).toBe(404);
  });

  it('as APP_GUARD, the guard checks class and method before their other guards', async () => {
    const reached: string[] = [];
    @Injectable()
    class Recorder implements CanActivate {
      canActivate(context: ExecutionContext): boolean {
        reached.push(context.getHandler().name);
        return true;
      }
    }
    @Controller()
    @UseGuards(Recorder)
    @RequireFlag('on')
    class Hidden {
      @Get('hidden') @RequireFlag('off') hidden() {
        return 'reached';
      }
      @Get('shown') @RequireFlag({ not: 'off' }) shown() {
        return 'reached';
      }
    }
    const providers = [Recorder, { provide: APP_GUARD, useClass: RequireFlagGuard }];
    await start(adapter, { controllers: [Hidden], providers });
    expect(await status('hidden')).toBe(404);
    expect(await status('shown')).toBe(200);
    expect(reached).toEqual(['shown']);
  });

  it('a flag that cannot be evaluated denies by default, and allows if the option says so', async () => {
    await start(adapter);
    expect(await status('broken-deny')).toBe(404);
    expect(await status('broken-not')).toBe(404);
    expect(await status('broken-allow')).toBe(200);
    expect(await status('broken-but-off')).toBe(404);
    for (let request = 0; request < 3; request++) await status('broken-allow');
    expect(logger.problems.filter((line) => line.includes('@RequireFlag'))).toEqual([
      expect.stringMatching(
        /cannot evaluate "on", "broken": .*QF_UNSET_VAR.*Meanwhile, .* are closed,/,
      ),
      expect.stringMatching(/cannot evaluate "broken": .*Meanwhile, .* are closed,/),
      expect.stringMatching(/cannot evaluate "broken": .*Meanwhile, .* are open,/),
    ]);
  });

  it('before the first load, handlers are closed or open as "whenUnavailable" specifies', async () => {
    const options = { datafile: './no-such-file.json', onInitFailure: 'return-defaults' } as const;
    await start(adapter, undefined, options);
    expect(await status('on')).toBe(404);
    expect(await status('not-on')).toBe(404);
    expect(await status('broken-allow')).toBe(200);
    const warnings = logger.problems.filter((line) => line.includes('no configs have been loaded'));
    expect(warnings.length).toBeGreaterThanOrEqual(3);
  });

  it.each(['throw', 'warn', 'silent'] as const)(
    'an unknown flag is off under onUnknownKey "%s"',
    async (onUnknownKey) => {
      await start(adapter, undefined, { onUnknownKey });
      expect(await status('unknown')).toBe(404);
      expect(await status('missing-off')).toBe(404);
    },
  );

  it('a named instance decides with its own flags and contexts', async () => {
    @Controller()
    class Billing {
      @Get('invoice')
      @RequireFlag('invoices', { instance: 'billing' })
      @UseGuards(AuthGuard)
      invoice() {
        return 'reached';
      }
    }
    const invoices = flagWhen('invoices', when('PROP_IS_ONE_OF', 'account.key', ['acme']));
    const billing = QuonfigModule.forRoot({
      name: 'billing',
      datafile: envelope([invoices]),
      logger,
      context: (source) =>
        source.type === 'http'
          ? { account: { key: (source.request as Request).headers['x-account'] } }
          : undefined,
    });
    await start(adapter, { imports: [billing], controllers: [Billing] });
    expect(await status('invoice', { 'x-account': 'acme' })).toBe(200);
    expect(await status('invoice', { 'x-account': 'other' })).toBe(404);
  });

  it('two applications in one process each decide with their own flags', async () => {
    await start(adapter);
    const first = { app: app!, url };
    await start(adapter, undefined, { datafile: envelope([constant('off', 'bool', true)]) });
    try {
      expect(await status('off')).toBe(200);
      expect(await status('on')).toBe(404);
      url = first.url;
      expect(await status('off')).toBe(404);
      expect(await status('on')).toBe(200);
    } finally {
      await first.app.close();
    }
  });

  it('tests can override the guard, and the service behind it', async () => {
    await start(adapter, undefined, {}, (builder) =>
      builder.overrideGuard(RequireFlagGuard).useValue({ canActivate: () => true }),
    );
    expect(await status('off')).toBe(200);
    await app!.close();
    const stub = { isEnabled: (key: string) => key === 'off' };
    await start(adapter, undefined, {}, (builder) =>
      builder.overrideProvider(QuonfigService).useValue(stub),
    );
    expect(await status('off')).toBe(200);
    expect(await status('on')).toBe(404);
  });

  it('a controller test can provide a stub of the service in place of the module', async () => {
    const module = await Test.createTestingModule({
      controllers: [Routes],
      providers: [
        AuthGuard,
        { provide: QuonfigService, useValue: { isEnabled: (key: string) => key === 'off' } },
      ],
    }).compile();
    app = module.createNestApplication(adapter() as ExpressAdapter, { logger: false });
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
    expect(await status('off')).toBe(200);
    expect(await status('on')).toBe(404);
  });

  it('a missing instance causes an error that names it, and keeps the handler closed', async () => {
    const errors: unknown[] = [];
    @Controller()
    class Billing {
      @Get('invoice') @RequireFlag('invoices', { instance: 'biling' }) invoice() {
        return 'reached';
      }
    }
    @Injectable()
    class Catcher implements CanActivate {
      constructor(@Inject(RequireFlagGuard) private readonly guard: RequireFlagGuard) {}
      async canActivate(context: ExecutionContext): Promise<boolean> {
        try {
          return await this.guard.canActivate(context);
        } catch (error) {
          errors.push(error);
          throw error;
        }
      }
    }
    const providers = [RequireFlagGuard, { provide: APP_GUARD, useClass: Catcher }];
    await start(adapter, { controllers: [Billing], providers });
    expect(await status('invoice')).toBe(500);
    expect(errors).toEqual([
      expect.objectContaining({
        code: 'unknown_instance',
        message: expect.stringContaining('"biling"') as string,
      }),
    ]);
  });
});

describe('the declaration of @RequireFlag', () => {
  it('getRequiredFlags lists what a handler and its class require', () => {
    @RequireFlag('area')
    class Guarded {
      @RequireFlag('a', { instance: 'billing' })
      @RequireFlag({ all: ['b', { any: ['c', 'b'] }, { key: 'd', equals: 1 }] })
      handler() {
        return '';
      }
      open() {
        return '';
      }
    }
    // oxlint-disable-next-line typescript/unbound-method
    const { handler, open } = Guarded.prototype;
    expect(getRequiredFlags(open)).toEqual([]);
    expect(getRequiredFlags(handler).map(({ keys, instance }) => ({ keys, instance }))).toEqual([
      { keys: ['b', 'c', 'd'], instance: undefined },
      { keys: ['a'], instance: 'billing' },
    ]);
    expect(getRequiredFlags(open, Guarded)).toEqual([
      { requirement: 'area', keys: ['area'], instance: undefined },
    ]);
  });

  it.each([
    ['an empty key', ''],
    ['an empty list', { all: [] }],
    ['an empty list of alternatives', { any: [] }],
    ['an empty object', {}],
    ['a key without a value', { key: 'a' }],
    ['two requirements in one object', { all: ['a'], any: ['b'] }],
    ['an invalid part', { all: ['a', 5] }],
    ['nothing', undefined],
  ])('%s is refused when the class is declared', (_what, requirement) => {
    expect(() => {
      class Guarded {
        @RequireFlag(requirement as string) handler() {
          return '';
        }
      }
      return Guarded;
    }).toThrow(
      expect.objectContaining({
        code: 'invalid_requirement',
        message: expect.stringContaining('Guarded.handler') as string,
      }) as Error,
    );
  });

  it.each([200, 99, 404.5, '404'])('the status %s is refused', (wrong) => {
    const decorate = RequireFlag('a', { status: wrong as number });
    expect(() => decorate(Routes)).toThrow(
      expect.objectContaining({ code: 'invalid_requirement' }) as Error,
    );
  });
});
