import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  type INestApplication,
  UseGuards,
} from '@nestjs/common';
import { ExternalContextCreator } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type ContextFactory,
  type Contexts,
  QuonfigModule,
  QuonfigService,
} from '../../../lib/index.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { rulesByUser } from './support/rules-by-user.js';

let logger: RecordingLogger;

beforeEach(() => {
  logger = new RecordingLogger();
});

@Injectable()
class OwnerHandlers {
  constructor(private readonly quonfig: QuonfigService) {}

  /** Reads now, and again after whatever the payload wants to happen in between. */
  async owners(payload: unknown): Promise<string[]> {
    const now = this.quonfig.getString('owner');
    const { meanwhile } = (payload ?? {}) as Payload;
    if (!meanwhile) return [now];
    await meanwhile();
    return [now, this.quonfig.getString('owner')];
  }
}

interface Payload {
  readonly user?: string;
  readonly meanwhile?: () => Promise<unknown>;
}

/** Calls handlers as libraries do that have transports of their own. */
class Calls {
  private constructor(private readonly module: TestingModule) {}

  static async create(context: ContextFactory): Promise<Calls> {
    const quonfig = QuonfigModule.forRoot({ datafile: rulesByUser(), logger, context });
    const imports = [quonfig];
    const module = await Test.createTestingModule({
      imports,
      providers: [OwnerHandlers],
    }).compile();
    return new Calls(await module.init());
  }

  async owners(transport: string, ...args: unknown[]): Promise<unknown> {
    const handlers = this.module.get(OwnerHandlers);
    const creator = this.module.get(ExternalContextCreator, { strict: false });
    const method = (payload: unknown): unknown => handlers.owners(payload);
    const none = undefined;
    const handler = creator.create(
      handlers,
      method,
      'owners',
      none,
      none,
      none,
      none,
      none,
      transport,
    );
    return handler(...args);
  }

  close(): Promise<void> {
    return this.module.close();
  }
}

describe('a misbehaving option "context"', () => {
  let calls: Calls | undefined;

  afterEach(async () => {
    vi.useRealTimers();
    await calls?.close();
    calls = undefined;
  });

  it('a promise that never settles delays a call for ten seconds and logs one warning', async () => {
    calls = await Calls.create(() => new Promise<Contexts>(() => undefined));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let owners: unknown;
    void calls.owners('queue', {}).then((result) => (owners = result));
    await vi.advanceTimersByTimeAsync(9_999);
    expect(owners).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(owners).toEqual(['nobody']);
    expect(logger.problems).toEqual([
      expect.stringMatching(
        /^warn The promise of the option "context" has not settled after 10000 ms \(queue\)/,
      ),
    ]);
  });

  it('contexts that settle too late apply from then on', async () => {
    let settle!: (contexts: Contexts) => void;
    calls = await Calls.create(() => new Promise((resolve) => (settle = resolve)));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const meanwhile = async (): Promise<void> => settle({ user: { key: 'anna' } });
    const owners = calls.owners('queue', { meanwhile: () => meanwhile().then(() => undefined) });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await owners).toEqual(['nobody', 'anna']);
  });

  it('a promise that settles leaves no timer behind', async () => {
    calls = await Calls.create(async () => ({ user: { key: 'anna' } }));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    expect(await calls.owners('queue')).toEqual(['anna']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a function that returns promises for only one transport is awaited on every call over that transport', async () => {
    calls = await Calls.create((source) => {
      const { transport, args } = source as { transport: string; args: readonly Payload[] };
      const contexts = { user: { key: args[0]!.user } };
      return transport === 'slow' ? delay(1).then(() => contexts) : contexts;
    });
    for (let time = 0; time < 2; time++) {
      expect(await calls.owners('slow', { user: 'anna' })).toEqual(['anna']);
      expect(await calls.owners('fast', { user: 'ben' })).toEqual(['ben']);
    }
    expect(logger.problems).toEqual([]);
  });

  const fail = (): never => {
    throw new Error('trap');
  };
  const traps: ProxyHandler<object> = {
    get: fail,
    has: fail,
    ownKeys: fail,
    getPrototypeOf: fail,
    getOwnPropertyDescriptor: fail,
  };
  let seen = 0;
  it.each<[string, () => unknown]>([
    ['a proxy whose traps throw', () => new Proxy({}, traps)],
    [
      'a proxy that throws from the second access on',
      () => new Proxy({}, { ...traps, get: () => (seen++ % 2 === 1 ? fail() : undefined) }),
    ],
    ['contexts whose properties are such a proxy', () => ({ user: new Proxy({}, traps) })],
    [
      'contexts with getters that throw',
      () => ({
        get user() {
          return fail();
        },
      }),
    ],
    ['a list', () => ['anna']],
    ['a function', () => fail],
    ['a symbol', () => Symbol('anna')],
    ['a revoked proxy', () => revoked()],
  ])('%s leaves the call without contexts', async (_, result) => {
    calls = await Calls.create(result as ContextFactory);
    for (let call = 0; call < 3; call++) expect(await calls.owners('queue')).toEqual(['nobody']);
  });

  it('contexts may be a proxy that does not throw', async () => {
    calls = await Calls.create(() => new Proxy({ user: { key: 'anna' } }, {}));
    expect(await calls.owners('queue')).toEqual(['anna']);
  });

  it('huge and cyclic contexts are read like any others', async () => {
    calls = await Calls.create(() => {
      const user: Record<string, unknown> = { key: 'anna', bio: 'x'.repeat(1_000_000) };
      for (let index = 0; index < 20_000; index++) user[`property-${index}`] = index;
      user['self'] = user;
      return { user, list: Array.from({ length: 10_000 }, () => user) };
    });
    expect(await calls.owners('queue')).toEqual(['anna']);
  });

  it.each(['tcp', 7, null, undefined])(
    'a transport that passes the context %j for every message keeps nested messages apart',
    async (shared) => {
      calls = await Calls.create((source) => ({
        user: { key: source.type === 'rpc' ? (source.data as Payload).user : undefined },
      }));
      let inner: unknown;
      const meanwhile = async (): Promise<void> => {
        inner = await calls!.owners('rpc', { user: 'ben' }, shared);
      };
      expect(await calls.owners('rpc', { user: 'anna', meanwhile }, shared)).toEqual([
        'anna',
        'anna',
      ]);
      expect(inner).toEqual(['ben']);
    },
  );
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

@Injectable()
class AuthGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ headers: object; user?: object }>();
    request.user = { id: (request.headers as Record<string, string>)['x-user'] };
    return true;
  }
}

@Controller()
class OwnerController {
  constructor(private readonly quonfig: QuonfigService) {}

  @Get('owner')
  @UseGuards(AuthGuard)
  owner() {
    return { owner: this.quonfig.getString('owner') };
  }

  @Get('public')
  public() {
    return { owner: this.quonfig.getString('owner') };
  }
}

describe.each([
  ['Express', (): object => new ExpressAdapter()],
  ['Fastify', (): object => new FastifyAdapter()],
])('an option "context" that needs the authenticated user, on %s', (_, adapter) => {
  let app: INestApplication;

  afterEach(() => app.close());

  it('the option "context" logs no warning for requests that a guard authenticates, and one when a read has no user', async () => {
    const module = await Test.createTestingModule({
      imports: [
        QuonfigModule.forRoot({
          datafile: rulesByUser(),
          logger,
          context: (source) => ({ user: { key: (source as any).request.user.id } }),
        }),
      ],
      controllers: [OwnerController],
    }).compile();
    app = module.createNestApplication(adapter() as ExpressAdapter, { logger: false });
    await app.listen(0, '127.0.0.1');
    const get = async (path: string, user: string): Promise<unknown> => {
      const response = await fetch(`${await app.getUrl()}/${path}`, {
        headers: { 'x-user': user },
      });
      return response.json();
    };
    expect(await get('owner', 'anna')).toEqual({ owner: 'anna' });
    expect(await get('owner', 'ben')).toEqual({ owner: 'ben' });
    expect(logger.problems).toEqual([]);
    expect(await get('public', 'anna')).toEqual({ owner: 'nobody' });
    expect(logger.problems).toEqual([
      expect.stringMatching(/^warn The option "context" failed for a request \(http\)/),
    ]);
  });
});
