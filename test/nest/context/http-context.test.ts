import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type CallHandler,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Inject,
  Injectable,
  type INestApplication,
  type ModuleMetadata,
  type NestInterceptor,
  Param,
  type PipeTransform,
  Post,
  Req,
  Scope,
  Sse,
  type Type,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { interval, map, type Observable, take } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type BoundQuonfig,
  type ContextFactory,
  type Contexts,
  getQuonfigToken,
  InjectQuonfig,
  QuonfigContext,
  QuonfigModule,
  QuonfigService,
} from '../../../lib/index.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { rulesByUser } from './support/rules-by-user.js';

let app: INestApplication | undefined;
let url: string;
let logger: RecordingLogger;

interface Request {
  headers: Record<string, string | undefined>;
  params: { id: string };
  user?: { id: string } | undefined;
}

/** Reads the authenticated user, as most applications do. */
const byUser: ContextFactory = (source) =>
  source.type === 'http' ? { user: { key: (source.request as Request).user?.id } } : undefined;

@Injectable()
class AuthGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    await delay(Number(request.headers['x-delay'] ?? 0));
    request.user = { id: request.headers['x-user']! };
    return true;
  }
}

/** Reads the value in a place of the request and records it. */
@Injectable()
class Places implements CanActivate, NestInterceptor, PipeTransform {
  constructor(private readonly quonfig: QuonfigService) {}

  canActivate(context: ExecutionContext): boolean {
    this.record(context, 'guard');
    return true;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    this.record(context, 'interceptor');
    return next.handle().pipe(map((result: object) => ({ ...result, after: this.read() })));
  }

  transform(value: string): string {
    return `${value}=${this.read()}`;
  }

  read(): string {
    return this.quonfig.getString('owner');
  }

  private record(context: ExecutionContext, place: string): void {
    context.switchToHttp().getRequest<Record<string, unknown>>()[place] = this.read();
  }
}

@Controller()
class OwnerController {
  constructor(
    private readonly quonfig: QuonfigService,
    private readonly context: QuonfigContext,
  ) {}

  @Get('places/:id')
  @UseGuards(AuthGuard, Places)
  @UseInterceptors(Places)
  async places(@Req() request: Record<string, unknown>, @Param('id', Places) pipe: string) {
    const handler = this.read();
    await delay(Math.random() * 5);
    const later = await new Promise((resolve) => setTimeout(() => resolve(this.read()), 1));
    const { guard, interceptor } = request;
    return { guard, interceptor, pipe, handler, later };
  }

  @Post('body')
  @UseGuards(AuthGuard)
  body(@Req() request: { body?: { text?: string } }) {
    return { owner: this.read(), length: request.body?.text?.length };
  }

  @Get('merge')
  @UseGuards(AuthGuard)
  async merge() {
    const before = this.context.current();
    this.context.merge({ user: { key: 'merged' } });
    await delay(1);
    return { before, after: this.context.current(), owner: this.read() };
  }

  @Sse('events')
  @UseGuards(AuthGuard)
  events() {
    return interval(2).pipe(
      take(3),
      map(() => ({ data: this.read() })),
    );
  }

  @Get('none')
  none() {
    return { owner: this.read() };
  }

  read(): string {
    return this.quonfig.getString('owner');
  }
}

async function start(
  adapter: () => ExpressAdapter | FastifyAdapter,
  context: ContextFactory,
  more: ModuleMetadata = {},
): Promise<void> {
  const module = await Test.createTestingModule({
    ...more,
    imports: [
      QuonfigModule.forRoot({ datafile: rulesByUser(), logger, context }),
      ...(more.imports ?? []),
    ],
    controllers: [OwnerController, ...(more.controllers ?? [])],
    providers: [AuthGuard, Places, ...(more.providers ?? [])],
  }).compile();
  app = module.createNestApplication(adapter() as ExpressAdapter, { logger: false });
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
}

async function get(path: string, user?: string, init: RequestInit = {}): Promise<unknown> {
  const headers = { ...(user !== undefined && { 'x-user': user }), ...init.headers };
  const response = await fetch(`${url}/${path}`, { ...init, headers });
  expect(response.ok, `${path} responded with ${response.status}`).toBe(true);
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
  ['Fastify', () => new FastifyAdapter({ bodyLimit: 10_000_000 })],
])('the option "context" on %s', (_, adapter) => {
  it('every read of a request uses its contexts: guard, interceptor, pipe, handler and timer', async () => {
    await start(adapter, byUser);
    expect(await get('places/7', 'anna')).toEqual({
      guard: 'anna',
      interceptor: 'anna',
      pipe: '7=anna',
      handler: 'anna',
      later: 'anna',
      after: 'anna',
    });
    expect(logger.problems).toEqual([]);
  });

  it('1,000 concurrent requests each read with their own contexts', async () => {
    await start(adapter, byUser);
    const users = Array.from({ length: 1_000 }, (_each, index) => `u${index % 10}`);
    const results = await Promise.all(
      users.map((user, index) =>
        get(`places/${index}`, user, { headers: { 'x-delay': String(index % 7) } }),
      ),
    );
    for (const [index, result] of results.entries()) {
      const user = users[index];
      expect(result).toEqual({
        guard: user,
        interceptor: user,
        pipe: `${index}=${user}`,
        handler: user,
        later: user,
        after: user,
      });
    }
  });

  it('a request with a large body keeps its contexts', async () => {
    await start(adapter, byUser);
    const text = 'x'.repeat(90_000);
    const body = JSON.stringify({ text });
    const json = { 'content-type': 'application/json' };
    const sent = { method: 'POST', headers: json, body };
    expect(await get('body', 'anna', sent)).toEqual({ owner: 'anna', length: 90_000 });
    const chunks = new ReadableStream({
      async start(controller) {
        for (let at = 0; at < body.length; at += 10_000) {
          controller.enqueue(new TextEncoder().encode(body.slice(at, at + 10_000)));
          await delay(1);
        }
        controller.close();
      },
    });
    const chunked = { method: 'POST', headers: json, body: chunks, duplex: 'half' } as RequestInit;
    expect(await get('body', 'ben', chunked)).toEqual({ owner: 'ben', length: 90_000 });
  });

  it('a read before authentication does not make the rest of the request anonymous', async () => {
    @Controller()
    class OrderController {
      constructor(private readonly quonfig: QuonfigService) {}

      @Get('early')
      @UseGuards(Places, AuthGuard)
      early(@Req() request: Record<string, unknown>) {
        return { guard: request['guard'], handler: this.quonfig.getString('owner') };
      }

      @Get('late')
      @UseGuards(AuthGuard, Places)
      late(@Req() request: Record<string, unknown>) {
        return { guard: request['guard'], handler: this.quonfig.getString('owner') };
      }
    }
    await start(adapter, byUser, { controllers: [OrderController] });
    expect(await get('early', 'anna')).toEqual({ guard: 'nobody', handler: 'anna' });
    expect(await get('late', 'anna')).toEqual({ guard: 'anna', handler: 'anna' });
  });

  it('a context keyed before authentication is replaced once request.user is set', async () => {
    await start(adapter, (source) => {
      const request = source.type === 'http' ? (source.request as Request) : undefined;
      return { user: { key: request?.user?.id ?? 'device-1' } };
    });
    expect(await get('places/1', 'anna')).toMatchObject({ guard: 'anna', handler: 'anna' });
    expect(await get('none')).toEqual({ owner: 'device-1' });
  });

  it('the factory does not run for a request that reads nothing, and runs once for one that reads often', async () => {
    let calls = 0;
    @Controller()
    class IdleController {
      @Get('idle')
      idle() {
        return {};
      }
    }
    const counting: ContextFactory = (source) => {
      calls++;
      return byUser(source);
    };
    await start(adapter, counting, { controllers: [IdleController] });
    await get('none');
    calls = 0;
    await get('idle');
    expect(calls).toBe(0);
    await get('places/1', 'anna');
    expect(calls).toBe(1);
  });

  it('an async factory is awaited once, before guards', async () => {
    let calls = 0;
    await start(adapter, async (source) => {
      calls++;
      await delay(2);
      return { user: { key: (source as { request: Request }).request.headers['x-user'] } };
    });
    expect(await get('places/1', 'anna')).toMatchObject({ guard: 'anna', handler: 'anna' });
    expect(calls).toBe(1);
  });

  it('a function that returns a promise is awaited from the first request on', async () => {
    await start(adapter, (source) =>
      Promise.resolve({
        user: { key: (source as { request: Request }).request.headers['x-user'] },
      }),
    );
    expect(await get('places/1', 'anna')).toMatchObject({ guard: 'anna', handler: 'anna' });
    expect(logger.problems).toEqual([]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no session');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no session'))],
    ['returns a string', () => 'anna' as unknown as Contexts],
  ])(
    'a factory that %s leaves the request without contexts and logs one warning',
    async (_how, factory) => {
      await start(adapter, factory);
      for (let request = 0; request < 3; request++) {
        expect(await get('places/1', 'anna')).toMatchObject({ handler: 'nobody' });
      }
      expect(logger.problems).toEqual([
        expect.stringMatching(/^warn The option "context" .*\(http\)/s),
      ]);
    },
  );

  it('a factory that itself reads a config uses the global contexts', async () => {
    let seen: string | undefined;
    await start(adapter, (source) => {
      seen = app!.get(QuonfigService).getString('owner');
      return byUser(source);
    });
    expect(await get('places/1', 'anna')).toMatchObject({ handler: 'anna' });
    expect(seen).toBe('nobody');
  });

  it('merge() replaces contexts for the rest of that request only', async () => {
    await start(adapter, byUser);
    expect(await get('merge', 'anna')).toEqual({
      before: { user: { key: 'anna' } },
      after: { user: { key: 'merged' } },
      owner: 'merged',
    });
    expect(await get('places/1', 'anna')).toMatchObject({ handler: 'anna' });
  });

  it('server-sent events read with the contexts of their own request', async () => {
    await start(adapter, byUser);
    const read = async (user: string): Promise<string> => {
      const response = await fetch(`${url}/events`, { headers: { 'x-user': user } });
      return response.text();
    };
    const [anna = '', ben = ''] = await Promise.all(['anna', 'ben'].map(read));
    expect(anna.match(/data: \w+/g)).toEqual(['data: anna', 'data: anna', 'data: anna']);
    expect(ben.match(/data: \w+/g)).toEqual(['data: ben', 'data: ben', 'data: ben']);
  });

  it('bound and per-call contexts take precedence over those of the request', async () => {
    @Controller()
    class TiersController {
      private readonly bound: BoundQuonfig;

      constructor(private readonly quonfig: QuonfigService) {
        this.bound = quonfig.withContext({ user: { key: 'bound' } });
      }

      @Get('tiers')
      @UseGuards(AuthGuard)
      tiers() {
        const other = this.quonfig.withContext({ device: { key: 'd-1' } });
        return {
          request: this.quonfig.getString('owner'),
          bound: this.bound.getString('owner'),
          call: this.bound.getString('owner', { user: { key: 'call' } }),
          besides: other.getString('owner'),
        };
      }
    }
    await start(adapter, byUser, { controllers: [TiersController] });
    const expected = { request: 'anna', bound: 'bound', call: 'call', besides: 'anna' };
    expect(await get('tiers', 'anna')).toEqual(expected);
    expect(await get('tiers', 'ben')).toEqual({ ...expected, request: 'ben', besides: 'ben' });
  });

  it('request-scoped providers read with the contexts of their request', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Cart {
      constructor(private readonly quonfig: QuonfigService) {}

      owner(): string {
        return this.quonfig.getString('owner');
      }
    }
    @Controller()
    class CartController {
      constructor(@Inject(Cart) private readonly cart: Cart) {}

      @Get('cart')
      @UseGuards(AuthGuard)
      list() {
        return { owner: this.cart.owner() };
      }
    }
    await start(adapter, byUser, { controllers: [CartController], providers: [Cart] });
    expect(await get('cart', 'anna')).toEqual({ owner: 'anna' });
  });

  it('a named instance has its own factory', async () => {
    @Controller()
    class BillingController {
      constructor(
        private readonly quonfig: QuonfigService,
        @InjectQuonfig('billing') private readonly billing: QuonfigService,
      ) {}

      @Get('billing')
      @UseGuards(AuthGuard)
      owners() {
        return {
          main: this.quonfig.getString('owner'),
          billing: this.billing.getString('owner'),
        };
      }
    }
    const billing = QuonfigModule.forRoot({
      name: 'billing',
      datafile: rulesByUser(),
      logger,
      context: () => ({ user: { key: 'payer' } }),
    });
    await start(adapter, byUser, { imports: [billing], controllers: [BillingController] });
    expect(await get('billing', 'anna')).toEqual({ main: 'anna', billing: 'payer' });
    const context = app!.get<QuonfigContext>(getQuonfigToken('billing', QuonfigContext as Type));
    expect(context.current()).toBeUndefined();
  });

  it('update handlers run outside the request that triggered the update', async () => {
    const seen: string[] = [];
    @Controller()
    class RefreshController {
      constructor(private readonly quonfig: QuonfigService) {
        quonfig.updates$.subscribe(() => seen.push(quonfig.getString('owner')));
      }

      @Get('refresh')
      @UseGuards(AuthGuard)
      async refresh() {
        await this.quonfig.reconnect();
        return { owner: this.quonfig.getString('owner') };
      }
    }
    await start(adapter, byUser, { controllers: [RefreshController] });
    expect(await get('refresh', 'anna')).toEqual({ owner: 'anna' });
    expect(seen).not.toContain('anna');
  });
});
