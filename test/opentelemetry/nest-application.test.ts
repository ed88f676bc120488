import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import {
  Controller,
  Get,
  type INestApplication,
  Injectable,
  Module,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { trace } from '@opentelemetry/api';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Flag, QuonfigModule, QuonfigService, RequireFlag } from '../../lib/index.js';
import { instrumentQuonfig } from '../../lib/opentelemetry/index.js';
import { constant, envelope, flagWhen, when } from '../support/configs.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { Sdk } from './support/sdk.js';

const express = (): ExpressAdapter => new ExpressAdapter();
const fastify = (): ExpressAdapter => new FastifyAdapter() as unknown as ExpressAdapter;

interface Request {
  headers: Record<string, string>;
}

@Controller()
class CartController {
  constructor(private readonly quonfig: QuonfigService) {}

  @Get('cart')
  @RequireFlag('checkout.new')
  async cart(@Flag('checkout.fast') fast: boolean): Promise<string> {
    await delay(Math.random() * 5);
    const limit = this.quonfig.getNumber('cart.limit');
    await delay(Math.random() * 5);
    return `${limit} ${fast} ${this.quonfig.getNumber('cart.limit')}`;
  }
}

@Injectable()
class Telemetry implements OnApplicationShutdown {
  private readonly stop: () => void;

  constructor(quonfig: QuonfigService) {
    this.stop = instrumentQuonfig(quonfig, { contextId: 'user.key' });
  }

  onApplicationShutdown(): void {
    this.stop();
  }
}

@Module({
  imports: [
    QuonfigModule.forRoot({
      datafile: envelope([
        constant('cart.limit', 'int', 20),
        flagWhen('checkout.new', when('PROP_IS_ONE_OF', 'user.key', ['u0', 'u1', 'u2', 'u3'])),
        constant('checkout.fast', 'bool', true),
      ]),
      logger: new RecordingLogger(),
      context: ({ request }: { request?: Request } & object) => ({
        user: { key: request?.headers['x-user'] },
      }),
    }),
  ],
  controllers: [CartController],
  providers: [Telemetry],
})
class AppModule {}

/** The application, with a span for each request, as instrumentations of HTTP make it. */
async function started(adapter: ExpressAdapter): Promise<{ app: INestApplication; url: string }> {
  const testing = await Test.createTestingModule({ imports: [AppModule] }).compile();
  const app = testing.createNestApplication(adapter, { logger: false });
  app.use((request: Request, _response: unknown, next: () => void) => {
    trace.getTracer('http').startActiveSpan(`request of ${request.headers['x-user']}`, (span) => {
      next();
      setTimeout(() => span.end(), 100);
    });
  });
  await app.listen(0, '127.0.0.1');
  onTestFinished(() => app.close());
  return { app, url: await app.getUrl() };
}

describe.each([
  ['Express', express],
  ['Fastify', fastify],
])('a Nest application on %s', (_platform, adapter) => {
  it('the evaluations of concurrent requests belong to the spans of their requests', async () => {
    const sdk = Sdk.start();
    const { url } = await started(adapter());
    const users = ['u0', 'u1', 'u2', 'u3', 'stranger'];
    const bodies = await Promise.all(
      users.map(async (user) => {
        const response = await fetch(`${url}/cart`, { headers: { 'x-user': user } });
        return response.ok ? response.text() : response.status;
      }),
    );
    expect(bodies).toEqual([...Array<string>(4).fill('20 true 20'), 404]);
    // Those of the requests, and that of the first load.
    await expect.poll(() => sdk.spans).toHaveLength(users.length + 1);
    const bySpan = new Map(
      sdk.spans.map((span) => [span.spanContext().spanId, span.name] as const),
    );
    const recorded = sdk.logRecords.map(({ spanContext, attributes }) => [
      bySpan.get(spanContext?.spanId ?? ''),
      attributes['feature_flag.context.id'],
      attributes['feature_flag.key'],
      attributes['feature_flag.result.reason'],
    ]);
    const expected = users.flatMap((user) => {
      const own = (key: string, reason: string) => [`request of ${user}`, user, key, reason];
      const guarded = own('checkout.new', 'targeting_match');
      if (user === 'stranger') return [guarded];
      return [guarded, own('checkout.fast', 'static'), own('cart.limit', 'static')];
    });
    expect(recorded).toHaveLength(expected.length);
    expect(recorded).toEqual(expect.arrayContaining(expected));
  });

  it('nothing is recorded after the application was closed', async () => {
    const sdk = Sdk.start();
    const { app } = await started(adapter());
    const quonfig = app.get(QuonfigService);
    await app.close();
    sdk.inSpan('late', () => expect(quonfig.get('cart.limit')).toBe(20));
    expect(sdk.logRecords).toEqual([]);
  });
});

it('the service that app.get returns is instrumented as it is, with or without a key table', async () => {
  const sdk = Sdk.start();
  const testing = await Test.createTestingModule({
    imports: [
      QuonfigModule.forRoot({
        datafile: envelope([constant('cart.limit', 'int', 20)]),
        logger: new RecordingLogger(),
      }),
    ],
  }).compile();
  onTestFinished(() => testing.close());
  // Compiling these calls is part of the test: `app.get` infers `QuonfigService<unknown>`.
  const quonfig = testing.get(QuonfigService);
  instrumentQuonfig(quonfig)();
  const typed = testing.get<QuonfigService<{ 'cart.limit': number }>>(QuonfigService);
  instrumentQuonfig(typed);
  sdk.inSpan('read', () => expect(typed.get('cart.limit')).toBe(20));
  expect(sdk.logRecords.map(({ attributes }) => attributes['feature_flag.key'])).toEqual([
    'cart.limit',
  ]);
});
