import {
  Controller,
  Get,
  Injectable,
  Module,
  type INestApplication,
  Optional,
} from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ExpressAdapter } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ConfigStore,
  ConfigValue,
  Flag,
  getQuonfigToken,
  HedgedFetch,
  InjectQuonfig,
  Live,
  type LiveValue,
  LocalDelivery,
  OnQuonfigUpdate,
  QuonfigContext,
  QuonfigModule,
  QuonfigService,
  type QuonfigUpdate,
  RequireFlag,
  SseReconnectService,
  TelemetryReporter,
} from '../../lib/index.js';
import { createTestQuonfig, type TestQuonfig } from '../../lib/testing/index.js';

const updates: { handler: string; changed: readonly string[]; limit: unknown }[] = [];

@Injectable()
class SearchService {
  @Live('search.limit', 20) readonly limit!: LiveValue<number>;

  constructor(
    readonly quonfig: QuonfigService,
    @InjectQuonfig('billing') readonly billing: QuonfigService,
    @Optional() readonly context: QuonfigContext,
  ) {}

  @OnQuonfigUpdate('search.limit')
  changed({ changed }: QuonfigUpdate): void {
    updates.push({ handler: 'search', changed, limit: this.limit.value });
  }

  @OnQuonfigUpdate('price', { name: 'billing' })
  repriced({ changed }: QuonfigUpdate): void {
    updates.push({ handler: 'billing', changed, limit: this.billing.get('price') });
  }
}

@Controller()
class SearchController {
  constructor(private readonly search: SearchService) {}

  @Get('limit')
  limit(@ConfigValue('search.limit') limit: number, @Flag('search.fuzzy') fuzzy: boolean) {
    return { limit, fuzzy, live: this.search.limit.value, price: this.search.billing.get('price') };
  }

  @Get('checkout')
  @RequireFlag('checkout.new')
  checkout() {
    return { contexts: this.search.context.current() };
  }

  @Get('typo')
  @RequireFlag('checkout.nwe')
  typo() {
    return {};
  }
}

interface Headed {
  readonly headers: Record<string, string>;
}

/** An application as it runs in production: neither its key nor its directory exist in a test. */
@Module({
  imports: [
    QuonfigModule.forRootAsync({
      useFactory: () => ({
        sdkKey: process.env['MISSING_SDK_KEY'],
        context: (source) => ({
          user: {
            plan: source.type === 'http' ? (source.request as Headed).headers['x-plan'] : undefined,
          },
        }),
      }),
    }),
    QuonfigModule.forRoot({ name: 'billing', datadir: './no-such-directory' }),
  ],
  controllers: [SearchController],
  providers: [SearchService],
})
class AppModule {}

const values = {
  'search.limit': 20,
  'search.fuzzy': false,
  'checkout.new': true,
};

async function applicationWith(
  quonfig: TestQuonfig,
  billing = createTestQuonfig({ price: 9.99 }),
  adapter: AbstractHttpAdapter = new ExpressAdapter(),
): Promise<INestApplication> {
  const testing = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(QuonfigService)
    .useValue(quonfig)
    .overrideProvider(getQuonfigToken('billing'))
    .useValue(billing)
    .compile();
  return testing.createNestApplication(adapter, { logger: false });
}

describe.each([
  ['Express', (): AbstractHttpAdapter => new ExpressAdapter()],
  ['Fastify', (): AbstractHttpAdapter => new FastifyAdapter()],
])('an application on %s with overridden services', (_, adapter) => {
  let quonfig: TestQuonfig;
  let billing: TestQuonfig;
  let app: INestApplication;
  let url: string;

  beforeEach(async () => {
    quonfig = createTestQuonfig(values);
    billing = createTestQuonfig({ price: 9.99 });
    app = await applicationWith(quonfig, billing, adapter());
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
    // Those of the first values.
    updates.length = 0;
  });

  afterEach(() => app.close());

  const get = async (path: string, plan = 'free'): Promise<unknown> => {
    const response = await fetch(`${url}${path}`, { headers: { 'x-plan': plan } });
    return response.ok ? response.json() : response.status;
  };

  it('an application with overridden services starts without its key and its directory, and has no part that could connect', async () => {
    expect(await get('/limit')).toEqual({ limit: 20, fuzzy: false, live: 20, price: 9.99 });
    for (const part of [HedgedFetch, SseReconnectService, LocalDelivery, TelemetryReporter]) {
      expect(app.get<unknown>(part)).toBeUndefined();
      expect(app.get<unknown>(getQuonfigToken('billing', part))).toBeUndefined();
    }
  });

  it('an application with overridden services reads with the contexts of the request, which the context option of the application supplies', async () => {
    quonfig.setFor({ user: { plan: 'pro' } }, 'search.limit', 100);
    expect(await get('/limit', 'pro')).toMatchObject({ limit: 100, live: 100 });
    expect(await get('/limit', 'free')).toMatchObject({ limit: 20, live: 20 });
    expect(await get('/checkout', 'pro')).toEqual({ contexts: { user: { plan: 'pro' } } });
    expect(quonfig.reads('search.limit')).toContainEqual({
      key: 'search.limit',
      reason: 'TARGETING_MATCH',
      value: 100,
      contexts: { user: { plan: 'pro' } },
    });
  });

  it('guards follow set()', async () => {
    quonfig.set('checkout.new', false);
    expect(await get('/checkout')).toBe(404);
    quonfig.set('checkout.new', true);
    expect(await get('/checkout')).toEqual({ contexts: { user: { plan: 'free' } } });
    expect(quonfig.reads('checkout.new').map(({ value }) => value)).toEqual([false, true]);
  });

  it('a guard with a key that has no value fails the request instead of denying it', async () => {
    expect(await get('/typo')).toBe(500);
  });

  it('update handlers run before set() returns, those of a named instance too', () => {
    quonfig.set('search.limit', 50);
    billing.set('price', 19.99);
    expect(updates).toEqual([
      { handler: 'search', changed: ['search.limit'], limit: 50 },
      { handler: 'billing', changed: ['price'], limit: 19.99 },
    ]);
  });

  it('requests over a socket see the values of with()', async () => {
    await quonfig.with({ 'checkout.new': false, 'search.limit': 70 }, async () => {
      expect(await get('/checkout')).toBe(404);
      expect(await get('/limit')).toMatchObject({ limit: 70, live: 70 });
    });
    expect(await get('/limit')).toMatchObject({ limit: 20, live: 20 });
    expect(updates.map(({ limit }) => limit)).toEqual([70, 20]);
  });

  it('concurrent calls of with() that disagree fail, even if the server is asked in parallel', async () => {
    const limitIn = (limit: number): Promise<unknown> =>
      quonfig.with({ 'search.limit': limit }, () => get('/limit'));
    const results = await Promise.allSettled([limitIn(1), limitIn(2)]);
    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'test_value' } });
    }
  });

  it('the other parts that an application injects belong to the service', () => {
    expect(app.get(ConfigStore).installCount).toBe(quonfig.configInstallCount());
    app.get(QuonfigContext).run({ user: { plan: 'pro' } }, () => {
      quonfig.setFor({ user: { plan: 'pro' } }, 'search.limit', 100);
      expect(quonfig.getNumber('search.limit')).toBe(100);
    });
  });

  it('closing the application leaves the service open for the next one', async () => {
    await app.close();
    quonfig.set('search.limit', 30);
    expect(quonfig.getNumber('search.limit')).toBe(30);
  });
});

describe('an application whose server starts inside with()', () => {
  it('a server that starts inside with() does not keep the values of that call, nor lend them to another one', async () => {
    const quonfig = createTestQuonfig(values);
    const app = await applicationWith(quonfig);
    const limit = async (): Promise<unknown> => {
      const response = await fetch(`${await app.getUrl()}/limit`);
      return response.ok ? ((await response.json()) as { limit: number }).limit : response.status;
    };
    await quonfig.with({ 'search.limit': 1 }, async () => {
      await app.listen(0, '127.0.0.1');
      expect(await limit()).toBe(1);
    });
    expect(await limit()).toBe(20);
    await quonfig.with({ 'search.limit': 2 }, async () => expect(await limit()).toBe(2));
    await app.close();
  });

  it('a server that starts inside with() does not lend its values to a request of another call', async () => {
    const quonfig = createTestQuonfig(values);
    const app = await applicationWith(quonfig);
    let started!: () => void;
    let done!: () => void;
    const listening = new Promise<void>((resolve) => (started = resolve));
    const asked = new Promise<void>((resolve) => (done = resolve));
    const first = quonfig.with({ 'search.limit': 1 }, async () => {
      await app.listen(0, '127.0.0.1');
      started();
      await asked;
    });
    const second = quonfig.with({ 'search.limit': 2 }, async () => {
      await listening;
      const response = await fetch(`${await app.getUrl()}/limit`);
      done();
      return response.status;
    });
    expect(await Promise.allSettled([first, second])).toMatchObject([
      { status: 'rejected', reason: { code: 'test_value' } },
      { status: 'rejected', reason: { code: 'test_value' } },
    ]);
    await app.close();
  });
});

describe('options that a test does not need', () => {
  const appWith = async (factory: () => never): Promise<INestApplication> => {
    @Module({ imports: [QuonfigModule.forRootAsync({ useFactory: factory })] })
    class Root {}
    const testing = await Test.createTestingModule({ imports: [Root] })
      .overrideProvider(QuonfigService)
      .useValue(createTestQuonfig(values))
      .compile();
    return testing.createNestApplication({ logger: false }).init();
  };

  it('a factory that throws does not fail an application whose service is overridden', async () => {
    const app = await appWith(() => {
      throw new Error('The variable QUONFIG_KEY is not set.');
    });
    expect(app.get(QuonfigService).get('search.limit')).toBe(20);
    await app.close();
  });

  it('a factory that throws fails any other application', async () => {
    @Module({
      imports: [
        QuonfigModule.forRootAsync({
          useFactory: () => {
            throw new Error('The variable QUONFIG_KEY is not set.');
          },
        }),
      ],
    })
    class Root {}
    await expect(Test.createTestingModule({ imports: [Root] }).compile()).rejects.toThrow(
      'QUONFIG_KEY',
    );
  });
});
