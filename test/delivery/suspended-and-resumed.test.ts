import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ConnectionState, QuonfigModule, QuonfigService } from '../../lib/index.js';
import { resolveOptions } from '../../lib/options/index.js';
import { createParts } from '../../lib/client/parts.js';
import { envelopeOf } from '../support/delivery-server.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { connectTo, optionsFor, serve, until } from '../support/networked.js';

const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });

describe('a service that is suspended and immediately resumed', () => {
  it('suspending logs and counts no failure for the aborted poll', async () => {
    const server = await serve({ envelope: first });
    const { service, log } = await connectTo(server, {
      enableSSE: false,
      fallbackPollIntervalMs: 50,
    });
    server.configs.answerNext('hold');
    await until(() => expect(server.configs.holding).toBe(1));
    service.suspend();
    await service.resume();
    const requests = server.configs.requests.length;
    await until(() => expect(server.configs.requests.length).toBeGreaterThan(requests + 1));
    expect(log.lines('warn')).toEqual([]);
    expect(service.metrics().failedRefreshes).toBe(0);
  });

  it('reconnect() opens the stream of a suspended service once', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server);
    await until(() => expect(service.connectionState()).toBe('connected'));
    service.suspend();
    await service.reconnect();
    await until(() => expect(service.connectionState()).toBe('connected'));
    expect(service.metrics().connectAttempts).toBe(2);
    expect(server.stream.requests).toHaveLength(2);
  });

  it('resume() reports "initializing" immediately if there are no configs yet', async () => {
    const server = await serve({ envelope: first });
    server.configs.answerAlways({ status: 503 });
    const options = resolveOptions(optionsFor(server, { logger: new RecordingLogger() }));
    const { delivery } = createParts(options);
    onTestFinished(() => delivery.close());
    const states: ConnectionState[] = [];
    delivery.connectionState$.subscribe((state) => states.push(state));
    delivery.suspend();
    await expect(delivery.resume()).rejects.toMatchObject({ code: 'http_error' });
    expect(states).toEqual(['initializing', 'disconnected', 'initializing']);
  });
});

describe('a service that is suspended before the application has started', () => {
  it('a service suspended before startup sends no telemetry until it is resumed', async () => {
    @Injectable()
    class Suspending {
      constructor(quonfig: QuonfigService) {
        quonfig.suspend();
      }
    }
    const server = await serve({ envelope: first });
    const other = await serve({ envelope: first });
    const often = { telemetryFlushIntervalMs: 20, logger: new RecordingLogger() };

    @Module({
      imports: [QuonfigModule.forRoot(optionsFor(server, often))],
      providers: [Suspending],
    })
    class AppModule {}
    const app = await Test.createTestingModule({ imports: [AppModule] }).compile();
    onTestFinished(() => app.close());
    await app.init();
    const service = app.get(QuonfigService);
    const { service: clock } = await connectTo(other, often);
    const before = server.telemetry.requests.length;
    await until(() => {
      service.getString('greeting');
      clock.getString('greeting');
      expect(other.telemetry.requests.length).toBeGreaterThan(4);
    });
    expect(server.telemetry.requests).toHaveLength(before);
    await service.resume();
    await until(() => {
      service.getString('greeting');
      expect(server.telemetry.requests.length).toBeGreaterThan(before);
    });
  });
});
