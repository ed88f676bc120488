import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HealthIndicatorService, TerminusModule } from '@nestjs/terminus';
import { describe, expect, it, onTestFinished } from 'vitest';
import { QuonfigModule, type QuonfigModuleOptions, QuonfigService } from '../../lib/index.js';
import { QuonfigHealthIndicator } from '../../lib/terminus/index.js';
import { optionsFor, proxyTo, serve, until } from '../support/networked.js';
import { envelopeOf } from '../support/delivery-server.js';
import { RecordingLogger } from '../support/recording-logger.js';

const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });
const STALE = /\d ms ago; maxStalenessMs is 1/;
const DEGRADED = 'degraded' in new HealthIndicatorService().check('any') ? 'degraded' : 'up';

interface Detail {
  status: string;
  message?: string;
}

/** An application that closes with the test, and a health check that allows configs an age of 1 ms. */
async function applicationWith(options: QuonfigModuleOptions) {
  @Module({
    imports: [
      QuonfigModule.forRoot({ logger: new RecordingLogger(), ...options }),
      TerminusModule.forRoot({ logger: false }),
    ],
    providers: [QuonfigHealthIndicator],
  })
  class AppModule {}

  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  onTestFinished(() => app.close());
  const service = app.get(QuonfigService);
  const indicator = app.get(QuonfigHealthIndicator);
  const check = (): Detail => indicator.isHealthy('quonfig', { maxStalenessMs: 1 })['quonfig'];
  const expectStale = (): void => expect(service.health().ageMs).toBeGreaterThan(1);
  return { service, check, expectStale };
}

describe('the health check with maxStalenessMs', () => {
  it('the health check ignores the age of the configs while a silent stream is connected', async () => {
    const server = await serve({ envelope: first });
    const { service, check, expectStale } = await applicationWith(optionsFor(server));
    await until(() => {
      expect(service.connectionState()).toBe('connected');
      expectStale();
    });
    expect(check()).toMatchObject({ status: 'up', connectionState: 'connected' });
    expect(check()).not.toHaveProperty('message');
  });

  it('the health check considers the age of the configs while the stream is down and polls fail', async () => {
    const server = await serve({ envelope: first });
    const proxy = await proxyTo(server);
    const options = optionsFor(server, { streamUrl: proxy.url, fallbackPollIntervalMs: 1 });
    const { service, check } = await applicationWith(options);
    await until(() => expect(service.connectionState()).toBe('connected'));
    server.configs.answerAlways({ status: 503 });
    await proxy.refuse();
    await until(() => expect(service.connectionState()).toBe('falling_back'));
    await until(() => {
      expect(check().status).toBe(DEGRADED);
      expect(check().message).toMatch(STALE);
    });
  });

  it('the health check considers the age of the configs of a service that polls by choice', async () => {
    const server = await serve({ envelope: first });
    const { check, expectStale } = await applicationWith(optionsFor(server, { enableSSE: false }));
    await until(expectStale);
    expect(check()).toMatchObject({ status: DEGRADED, connectionState: 'falling_back' });
    expect(check().message).toMatch(STALE);
  });
});
