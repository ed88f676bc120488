import { Controller, Get, Module } from '@nestjs/common';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { QuonfigModule, QuonfigService, type TerminalFailure } from '../../lib/index.js';
import { QuonfigHealthIndicator } from '../../lib/terminus/index.js';
import { createTestQuonfig } from '../../lib/testing/index.js';
import { nestMajor } from '../support/nest-major.js';

/** Terminus 11 has no such status. */
const degraded = nestMajor >= 12 ? 'degraded' : 'up';
const quonfig = createTestQuonfig({ limit: 20 });

afterEach(() => quonfig.reset());

describe('fail', () => {
  it('a healthy test service looks like one that follows a stream', async () => {
    expect(quonfig.health()).toMatchObject({
      ready: true,
      mode: 'stream',
      connectionState: 'connected',
      terminalFailure: false,
      lastError: null,
    });
    await quonfig.refresh();
    await quonfig.reconnect();
    expect(quonfig.updateIfStalerThan(60_000)).toBeUndefined();
  });

  it('terminal: the stream was refused, until the failure ends', async () => {
    const failures: TerminalFailure[] = [];
    const subscription = quonfig.terminalFailure$.subscribe((failure) => failures.push(failure));
    quonfig.fail('terminal');
    expect(failures).toEqual([{ status: 401, host: 'quonfig.test' }]);
    expect(quonfig.terminalFailure()).toBe(true);
    expect(quonfig.connectionState()).toBe('disconnected');
    await expect(quonfig.refresh()).rejects.toMatchObject({ code: 'http_error', status: 401 });
    await expect(quonfig.reconnect()).rejects.toMatchObject({ code: 'http_error' });
    expect(quonfig.metrics()).toMatchObject({ failedRefreshes: 2 });
    expect(quonfig.getNumber('limit')).toBe(20);
    quonfig.recover();
    expect(quonfig.terminalFailure()).toBe(false);
    await quonfig.refresh();
    subscription.unsubscribe();
  });

  it('disconnected: the API is unreachable', async () => {
    const states: string[] = [];
    const subscription = quonfig.connectionState$.subscribe((state) => states.push(state));
    quonfig.fail('disconnected');
    await expect(quonfig.refresh()).rejects.toMatchObject({ code: 'network_error' });
    expect(quonfig.health()).toMatchObject({
      connectionState: 'disconnected',
      terminalFailure: false,
      lastError: expect.stringContaining('"disconnected" is simulated'),
    });
    quonfig.recover();
    subscription.unsubscribe();
    expect(states).toEqual(['connected', 'disconnected', 'connected']);
  });

  it('stale: polls have failed for a day', async () => {
    quonfig.fail('stale');
    expect(quonfig.health()).toMatchObject({
      connectionState: 'falling_back',
      fallbackPollerActive: true,
    });
    expect(quonfig.health().ageMs).toBeGreaterThanOrEqual(86_400_000);
    await expect(quonfig.updateIfStalerThan(60_000)).rejects.toMatchObject({
      code: 'network_error',
    });
  });

  it('set still takes effect during a failure, and reset ends it', () => {
    quonfig.fail('disconnected');
    quonfig.set('limit', 30);
    expect(quonfig.getNumber('limit')).toBe(30);
    quonfig.reset();
    expect(quonfig.connectionState()).toBe('connected');
  });

  it('suspend and close act as in production', async () => {
    const service = createTestQuonfig({ limit: 20 });
    service.suspend();
    expect(service.connectionState()).toBe('disconnected');
    await service.resume();
    expect(service.connectionState()).toBe('connected');
    await service.close();
    expect(service.connectionState()).toBe('disconnected');
    await expect(service.refresh()).rejects.toMatchObject({ code: 'closed' });
    expect(service.getNumber('limit')).toBe(20);
  });

  it('the health page of an application shows it', async () => {
    @Controller()
    class HealthController {
      constructor(
        private readonly health: HealthCheckService,
        private readonly indicator: QuonfigHealthIndicator,
      ) {}

      @Get()
      check() {
        return this.health.check([
          () => this.indicator.isHealthy('quonfig', { maxStalenessMs: 3_600_000 }),
        ]);
      }
    }

    @Module({
      imports: [QuonfigModule.forRoot({ sdkKey: 'qf_sk_test' }), TerminusModule],
      controllers: [HealthController],
      providers: [QuonfigHealthIndicator],
    })
    class AppModule {}

    const app = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(QuonfigService)
      .useValue(quonfig)
      .compile();
    const check = async (): Promise<unknown> => {
      try {
        return (await app.get(HealthController).check()).details['quonfig'];
      } catch (error) {
        return (error as { getResponse(): { details: Record<string, unknown> } }).getResponse()
          .details['quonfig'];
      }
    };
    expect(await check()).toMatchObject({ status: 'up' });
    quonfig.fail('stale');
    expect(await check()).toMatchObject({ status: degraded });
    quonfig.fail('disconnected');
    expect(await check()).toMatchObject({ status: degraded });
    quonfig.fail('terminal');
    expect(await check()).toMatchObject({ status: 'down' });
    quonfig.recover();
    expect(await check()).toMatchObject({ status: 'up' });
    await app.close();
  });
});
