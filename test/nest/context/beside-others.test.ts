import 'reflect-metadata';
import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type CanActivate,
  Controller,
  type DynamicModule,
  type ExecutionContext,
  Get,
  Inject,
  Injectable,
  type INestApplication,
  Module,
  type Provider,
  Scope,
  type Type,
  UseGuards,
} from '@nestjs/common';
import {
  type ContextId,
  ContextIdFactory,
  type ContextIdStrategy,
  type HostComponentInfo,
  LazyModuleLoader,
} from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { context as telemetry, createContextKey } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import type * as Cls from 'nestjs-cls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ContextFactory,
  enableQuonfigContext,
  QuonfigContext,
  QuonfigModule,
  QuonfigService,
} from '../../../lib/index.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { rulesByUser } from './support/rules-by-user.js';

// Its ES modules import files of Nest 12 that Nest 11 lacks.
const { ClsModule, ClsService } = createRequire(import.meta.url)('nestjs-cls') as typeof Cls;

interface Request {
  headers: Record<string, string>;
  user?: { id: string };
}

const byUser: ContextFactory = ({ request }: { request?: Request } & object) => ({
  user: { key: request?.user?.id },
});

@Injectable()
class AuthGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    await delay(Math.random() * 5);
    const request = context.switchToHttp().getRequest<Request>();
    request.user = { id: request.headers['x-user']! };
    return true;
  }
}

const express = (): ExpressAdapter => new ExpressAdapter();
const fastify = (): ExpressAdapter => new FastifyAdapter() as unknown as ExpressAdapter;
const platforms = { Express: express, Fastify: fastify };
const users = Array.from({ length: 100 }, (_, index) => `u${index % 10}`);

let running: INestApplication[];
let logger: RecordingLogger;

interface Application {
  readonly imports?: (Type | DynamicModule)[];
  readonly controllers?: Type[];
  readonly providers?: Provider[];
}

function quonfig(context: ContextFactory = byUser): DynamicModule {
  return QuonfigModule.forRoot({ datafile: rulesByUser(), logger, context });
}

async function start(
  parts: Application,
  adapter = express,
  prepare?: (app: INestApplication) => void,
): Promise<string> {
  const module = await Test.createTestingModule({ imports: [quonfig()], ...parts }).compile();
  const app = module.createNestApplication(adapter(), { logger: false });
  prepare?.(app);
  await app.listen(0, '127.0.0.1');
  running.push(app);
  return app.getUrl();
}

async function get<T>(url: string, user: string): Promise<T> {
  const response = await fetch(url, { headers: { 'x-user': user } });
  expect(response.ok, `${url} responded with ${response.status}`).toBe(true);
  return (await response.json()) as T;
}

beforeEach(() => {
  logger = new RecordingLogger();
  running = [];
});

afterEach(() => Promise.all(running.map((app) => app.close())));

describe.each(Object.entries(platforms))('the option "context" on %s', (_, adapter) => {
  const cls = ClsModule.forRoot({
    global: true,
    middleware: {
      mount: true,
      setup: (store, request: Request) => store.set('user', request.headers['x-user']),
    },
  });

  @Controller()
  class ClsController {
    constructor(
      private readonly flags: QuonfigService,
      private readonly context: QuonfigContext,
      @Inject(ClsService) private readonly store: Cls.ClsService,
    ) {}

    @Get('both')
    @UseGuards(AuthGuard)
    async both() {
      const first = this.read();
      await delay(Math.random() * 5);
      this.store.set('user', `${this.store.get('user')}!`);
      this.context.merge({ user: { key: 'merged' } });
      await delay(Math.random() * 5);
      return [...first, ...this.read()];
    }

    private read(): string[] {
      return [this.flags.getString('owner'), this.store.get('user')];
    }
  }

  it.each(['before', 'after'])(
    'the option "context" and nestjs-cls do not interfere when nestjs-cls is imported %s Quonfig',
    async (order) => {
      const imports = order === 'before' ? [cls, quonfig()] : [quonfig(), cls];
      const url = await start({ imports, controllers: [ClsController] }, adapter);
      const all = await Promise.all(users.map((user) => get(`${url}/both`, user)));
      expect(all).toEqual(users.map((user) => [user, user, 'merged', `${user}!`]));
    },
  );

  it('the factory can read what nestjs-cls stores', async () => {
    const imports = [
      cls,
      quonfig(() => ({ user: { key: running[0]!.get(ClsService).get('user') } })),
    ];
    const url = await start({ imports, controllers: [ClsController] }, adapter);
    const all = await Promise.all(users.map((user) => get<string[]>(`${url}/both`, user)));
    expect(all.map(([owner]) => owner)).toEqual(users);
  });

  it(`the option "context" and OpenTelemetry's context manager do not interfere with each other`, async () => {
    const key = createContextKey('user');
    @Controller()
    class TracedController {
      constructor(private readonly flags: QuonfigService) {}

      @Get('traced')
      @UseGuards(AuthGuard)
      async traced() {
        await delay(Math.random() * 5);
        const inside = telemetry.with(telemetry.active().setValue(key, 'span'), () => this.read());
        await delay(Math.random() * 5);
        return [...this.read(), ...inside];
      }

      private read(): unknown[] {
        return [this.flags.getString('owner'), telemetry.active().getValue(key)];
      }
    }
    telemetry.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    try {
      const url = await start({ controllers: [TracedController] }, adapter, (app) =>
        app.use((request: Request, _response: unknown, next: () => void) =>
          telemetry.with(telemetry.active().setValue(key, request.headers['x-user']), next),
        ),
      );
      const all = await Promise.all(users.map((user) => get(`${url}/traced`, user)));
      expect(all).toEqual(users.map((user) => [user, user, user, 'span']));
    } finally {
      telemetry.disable();
    }
  });
});

describe('the option "context" alongside other Nest features', () => {
  it('a durable provider reads with the contexts of each request, not of the one that created it', async () => {
    let created = 0;

    @Injectable({ scope: Scope.REQUEST, durable: true })
    class Tenant {
      constructor(private readonly flags: QuonfigService) {
        created++;
      }

      owner(): string {
        return this.flags.getString('owner');
      }
    }

    @Controller({ path: 'tenant', scope: Scope.REQUEST, durable: true })
    class TenantController {
      constructor(@Inject(Tenant) private readonly tenant: Tenant) {}

      @Get()
      @UseGuards(AuthGuard)
      async owner() {
        await delay(Math.random() * 5);
        return { owner: this.tenant.owner() };
      }
    }

    const tenants = { register: ContextIdFactory.create() };
    class OneTenant implements ContextIdStrategy {
      attach(contextId: ContextId) {
        return (info: HostComponentInfo) => (info.isTreeDurable ? tenants.register : contextId);
      }
    }
    ContextIdFactory.apply(new OneTenant());
    const url = await start({ controllers: [TenantController], providers: [Tenant] });
    const all = await Promise.all(users.map((user) => get(`${url}/tenant`, user)));
    expect(all).toEqual(users.map((owner) => ({ owner })));
    expect(created).toBeLessThan(users.length);
  });

  it('a lazily loaded module reads with the contexts of the request that loads it', async () => {
    @Injectable()
    class Reports {
      constructor(private readonly flags: QuonfigService) {}

      owner(): string {
        return this.flags.getString('owner');
      }
    }

    @Module({ providers: [Reports] })
    class ReportsModule {}

    @Controller()
    class ReportsController {
      constructor(private readonly loader: LazyModuleLoader) {}

      @Get('reports')
      @UseGuards(AuthGuard)
      async owner() {
        const module = await this.loader.load(() => ReportsModule);
        const reports = module.get(Reports);
        await delay(1);
        return { owner: reports.owner() };
      }
    }

    const url = await start({ controllers: [ReportsController] });
    const all = await Promise.all(users.map((user) => get(`${url}/reports`, user)));
    expect(all).toEqual(users.map((owner) => ({ owner })));
  });

  it('two applications in one process each read with their own contexts', async () => {
    @Controller()
    class ShopController {
      constructor(private readonly flags: QuonfigService) {}

      @Get('owner')
      @UseGuards(AuthGuard)
      async owner() {
        await delay(Math.random() * 5);
        // Inside a request of this application, the other one has none.
        const other = running.find((app) => app.get(QuonfigService) !== this.flags)!;
        return [this.flags.getString('owner'), other.get(QuonfigService).getString('owner')];
      }
    }

    const shop = await start({ controllers: [ShopController] }, express, enableQuonfigContext);
    const other = await start(
      { imports: [quonfig(() => ({ user: { key: 'payer' } }))], controllers: [ShopController] },
      express,
      enableQuonfigContext,
    );
    const answers = users.flatMap((user) => [
      get(`${shop}/owner`, user),
      get(`${other}/owner`, user),
    ]);
    expect(await Promise.all(answers)).toEqual(
      users.flatMap((user) => [
        [user, 'nobody'],
        ['payer', 'nobody'],
      ]),
    );
  });
});
