import 'reflect-metadata';
import { Controller, Get, type INestApplication, Module, type Type } from '@nestjs/common';
import { ModuleRef, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  HealthCheck,
  HealthCheckService,
  HealthIndicatorService,
  TerminusModule,
} from '@nestjs/terminus';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  getQuonfigToken,
  QuonfigModule,
  type QuonfigModuleOptions,
  QuonfigService,
} from '../../lib/index.js';
import {
  type QuonfigHealthCheckOptions,
  QuonfigHealthIndicator,
} from '../../lib/terminus/index.js';
import { optionsFor, proxyTo, serve, until } from '../support/networked.js';
import { envelopeOf } from '../support/delivery-server.js';
import { RecordingLogger } from '../support/recording-logger.js';

const first = envelopeOf({ generation: 7, version: 'v7', values: { greeting: 'hello' } });
/** Terminus 11 has no "degraded" status: it reports up, and the indicator adds the reason. */
const DEGRADED =
  'degraded' in new HealthIndicatorService().check('any')
    ? { ofAll: 'degraded', ofOne: 'degraded' }
    : { ofAll: 'ok', ofOne: 'up' };
const adapters = { express: () => new ExpressAdapter(), fastify: () => new FastifyAdapter() };

interface Answer {
  code: number;
  status: string;
  quonfig: Record<string, unknown>;
}

function healthModule(
  modules: Parameters<typeof Module>[0]['imports'],
  options?: QuonfigHealthCheckOptions,
): Type {
  @Controller('health')
  class HealthController {
    constructor(
      private readonly health: HealthCheckService,
      private readonly quonfig: QuonfigHealthIndicator,
    ) {}

    @Get()
    @HealthCheck()
    check() {
      return this.health.check([() => this.quonfig.isHealthy('quonfig', options)]);
    }
  }

  @Module({
    imports: [TerminusModule.forRoot({ logger: false }), ...(modules ?? [])],
    controllers: [HealthController],
    providers: [QuonfigHealthIndicator],
  })
  class AppModule {}
  return AppModule;
}

async function listen(module: Type, adapter: keyof typeof adapters): Promise<INestApplication> {
  const app = await NestFactory.create(module, adapters[adapter](), { logger: false });
  onTestFinished(() => app.close());
  await app.listen(0, '127.0.0.1');
  return app;
}

async function ask(app: INestApplication): Promise<Answer> {
  const { port } = app.getHttpServer().address() as { port: number };
  const response = await fetch(`http://127.0.0.1:${port}/health`);
  const body = (await response.json()) as { status: string; details: { quonfig: object } };
  return { code: response.status, status: body.status, quonfig: { ...body.details?.quonfig } };
}

const quonfig = (options: QuonfigModuleOptions) =>
  QuonfigModule.forRoot({ logger: new RecordingLogger(), ...options });

describe.each(['express', 'fastify'] as const)('a health endpoint on %s', (adapter) => {
  it('the health endpoint reports up, degraded while the stream is down, then up again', async () => {
    const server = await serve({ envelope: first });
    const proxy = await proxyTo(server);
    const module = quonfig(optionsFor(server, { streamUrl: proxy.url }));
    const app = await listen(healthModule([module]), adapter);
    await until(async () => expect(await ask(app)).toMatchObject({ code: 200, status: 'ok' }));
    const { quonfig: detail } = await ask(app);
    expect(detail).toEqual({
      status: 'up',
      connectionState: 'connected',
      lastSuccessfulRefresh: expect.stringMatching(/^\d{4}-.*Z$/),
      ageMs: expect.any(Number),
      generation: 7,
      resolvedFrom: 'primary',
      restarts: 0,
      telemetry: expect.any(String),
    });

    await proxy.refuse();
    await until(async () => {
      const answer = await ask(app);
      expect(answer).toMatchObject({ code: 200, status: DEGRADED.ofAll });
      expect(answer.quonfig.message).toMatch(/not followed|fallback polling/);
    });
    expect((await ask(app)).quonfig).not.toHaveProperty('lastError');
    await proxy.restore();
    await until(async () => expect((await ask(app)).status).toBe('ok'));
  });

  it('the health endpoint reports down with status 503 after the SDK key was revoked', async () => {
    const server = await serve({ envelope: first });
    const app = await listen(healthModule([quonfig(optionsFor(server))]), adapter);
    await until(async () => expect((await ask(app)).status).toBe('ok'));
    server.revoke();
    server.endStreams();
    await until(async () => expect(await ask(app)).toMatchObject({ code: 503, status: 'error' }));
    expect((await ask(app)).quonfig.message).toMatch(/refused/);
  });

  it('the health endpoint reports down until configs are loaded', async () => {
    const server = await serve({ envelope: first });
    server.configs.answerAlways({ status: 500 });
    server.stream.answerAlways('hold');
    const options = optionsFor(server, { onInitFailure: 'return-defaults' });
    const app = await listen(healthModule([quonfig(options)]), adapter);
    const answer = await ask(app);
    expect(answer).toMatchObject({ code: 503, quonfig: { status: 'down', ageMs: null } });
    expect(answer.quonfig.message).toMatch(/No configs/);
  });
});

describe('QuonfigHealthIndicator', () => {
  it('the indicator reports degraded when the configs are older than maxStalenessMs', async () => {
    const server = await serve({ envelope: first });
    const options = optionsFor(server, { enableSSE: false, fallbackPollEnabled: false });
    const module = healthModule([quonfig(options)], { maxStalenessMs: 1 });
    const app = await listen(module, 'express');
    await until(async () => expect((await ask(app)).status).toBe(DEGRADED.ofAll));
    expect((await ask(app)).quonfig.message).toMatch(/\d ms ago; maxStalenessMs is 1/);
  });

  it('the indicator reports up for a service that polls by choice', async () => {
    const server = await serve({ envelope: first });
    const app = await listen(
      healthModule([quonfig(optionsFor(server, { enableSSE: false }))]),
      'express',
    );
    expect((await ask(app)).quonfig).toMatchObject({
      status: 'up',
      connectionState: 'falling_back',
    });
  });

  it('the indicator reports degraded while fallback polling replaces a refused stream', async () => {
    const server = await serve({ envelope: first });
    server.stream.answerAlways({ status: 403 });
    const options = optionsFor(server, { onTerminalFailure: 'poll' });
    const app = await listen(healthModule([quonfig(options)]), 'express');
    await until(async () => {
      expect(app.get(QuonfigService).terminalFailure()).toBe(true);
      const { quonfig: detail } = await ask(app);
      expect(detail).toMatchObject({ status: DEGRADED.ofOne, connectionState: 'falling_back' });
    });
  });

  it('the indicator never reports files as stale, but reports when they are no longer watched', async () => {
    const module = healthModule([quonfig({ datafile: first })], { maxStalenessMs: 1 });
    const app = await listen(module, 'express');
    const service = app.get(QuonfigService);
    await until(() => expect(service.health().ageMs).toBeGreaterThan(1));
    expect((await ask(app)).quonfig).toMatchObject({ status: 'up', resolvedFrom: '' });
    service.suspend();
    expect((await ask(app)).status).toBe(DEGRADED.ofAll);
    await service.resume();
    await service.close();
    expect((await ask(app)).status).toBe(DEGRADED.ofAll);
  });

  it('the indicator checks the named instance', async () => {
    const server = await serve({ envelope: first });
    server.configs.answerAlways({ status: 500 });
    server.stream.answerAlways('hold');
    const billing = QuonfigModule.forRoot({
      ...optionsFor(server, {
        onInitFailure: 'return-defaults',
        initTimeout: 100,
        logger: new RecordingLogger(),
      }),
      name: 'billing',
    });
    const modules = [quonfig({ datafile: first }), billing];
    expect((await ask(await listen(healthModule(modules), 'express'))).code).toBe(200);
    const named = await listen(healthModule(modules, { name: 'billing' }), 'express');
    expect(named.get(getQuonfigToken('billing'))).toBeInstanceOf(QuonfigService);
    expect((await ask(named)).code).toBe(503);
  });

  it('the indicator throws for an unknown instance name or an invalid maxStalenessMs', async () => {
    const app = await listen(healthModule([quonfig({ datafile: first })]), 'express');
    const indicator = app.get(QuonfigHealthIndicator);
    expect(() => indicator.isHealthy('quonfig', { name: 'biling' })).toThrow(
      expect.objectContaining({
        code: 'unknown_instance',
        message: expect.stringContaining('"biling"') as string,
      }),
    );
    expect(() => indicator.isHealthy('quonfig', { maxStalenessMs: 0 })).toThrow(
      expect.objectContaining({ code: 'invalid_options' }),
    );
  });

  it('the indicator reports up with the reason if terminus lacks "degraded", as in version 11', async () => {
    const app = await listen(healthModule([quonfig({ datafile: first })]), 'express');
    app.get(QuonfigService).suspend();
    const result =
      (status: string) =>
      (data: object): object => ({ quonfig: { ...data, status } });
    const eleven = { check: () => ({ up: result('up'), down: result('down') }) };
    const indicator = new QuonfigHealthIndicator(
      eleven as unknown as HealthIndicatorService,
      app.get(ModuleRef),
    );
    expect(indicator.isHealthy('quonfig')).toEqual({
      quonfig: expect.objectContaining({
        status: 'up',
        connectionState: 'disconnected',
        message: expect.stringMatching(/not followed/) as string,
      }) as object,
    });
  });
});
