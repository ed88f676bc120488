import 'reflect-metadata';
import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { Test, type TestingModule } from '@nestjs/testing';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  getQuonfigToken,
  HedgedFetch,
  InvalidOptionsError,
  LocalDelivery,
  NetworkDelivery,
  OnQuonfigUpdate,
  PollingFallbackService,
  QUONFIG_TERMINAL_FAILURE_EVENT,
  QuonfigModule,
  QuonfigService,
  type QuonfigUpdate,
  SseReconnectService,
} from '../../lib/index.js';
import { setEnv } from '../support/configs.js';
import { envelopeOf, SDK_KEY } from '../support/delivery-server.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { optionsFor, serve, until } from '../support/networked.js';
import { MeetingDirectory } from '../support/shared-stream.js';

const first = envelopeOf({ generation: 1, values: { greeting: 'hello', other: 'x' } });
const second = envelopeOf({ generation: 2, values: { greeting: 'bonjour', other: 'x' } });

describe('an application with an SDK key', () => {
  it('the application serves current configs, receives updates and the terminal failure, and closes', async () => {
    const server = await serve({ envelope: first });
    const received: unknown[] = [];

    @Controller()
    class GreetingController {
      constructor(private readonly quonfig: QuonfigService) {}

      @Get('greeting')
      greeting(): string {
        return this.quonfig.getString('greeting');
      }

      @Get('health')
      health(): object {
        return this.quonfig.health();
      }
    }

    @Injectable()
    class Listener {
      @OnQuonfigUpdate('greeting')
      onGreeting({ source, changed }: QuonfigUpdate): void {
        received.push([source, changed]);
      }

      @OnEvent(QUONFIG_TERMINAL_FAILURE_EVENT)
      onRefusal(failure: unknown): void {
        received.push(failure);
      }
    }

    @Module({
      imports: [
        EventEmitterModule.forRoot(),
        QuonfigModule.forRoot(optionsFor(server, { logger: new RecordingLogger() })),
      ],
      controllers: [GreetingController],
      providers: [Listener],
    })
    class AppModule {}

    const app = await NestFactory.create(AppModule, { logger: false });
    await app.listen(0, '127.0.0.1');
    onTestFinished(() => app.close());
    const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
    const get = async (path: string): Promise<string> =>
      (await fetch(`http://127.0.0.1:${port}/${path}`)).text();
    expect(await get('greeting')).toBe('hello');
    const quonfig = app.get(QuonfigService);
    await until(() => expect(quonfig.connectionState()).toBe('connected'));

    server.publish(second);
    await until(() =>
      expect(received).toEqual([
        ['fetch', []],
        ['stream', ['greeting']],
      ]),
    );
    expect(await get('greeting')).toBe('bonjour');

    server.revoke();
    await until(() => expect(received).toHaveLength(3));
    expect(received[2]).toEqual({ status: 401, host: `127.0.0.1:${server.port}` });
    expect(JSON.parse(await get('health'))).toMatchObject({
      ready: true,
      connectionState: 'disconnected',
      terminalFailure: true,
      generation: 2,
    });
    expect(await get('greeting')).toBe('bonjour');

    await app.close();
    expect(server.openStreams).toBe(0);
    expect(quonfig.getString('greeting')).toBe('bonjour');
  });

  it('a module that is only compiled serves reads and opens no stream', async () => {
    const server = await serve({ envelope: first });
    const app = await Test.createTestingModule({
      imports: [QuonfigModule.forRoot(optionsFor(server, { logger: new RecordingLogger() }))],
    }).compile();
    expect(app.get(QuonfigService).getString('greeting')).toBe('hello');
    expect(server.stream.requests).toHaveLength(0);
    await app.close();
  });

  it('the application uses the SDK key from the environment', async () => {
    const server = await serve({ envelope: first });
    setEnv({ QUONFIG_BACKEND_SDK_KEY: SDK_KEY });
    const { sdkKey: _, ...options } = optionsFor(server, { logger: new RecordingLogger() });
    const app = await Test.createTestingModule({
      imports: [QuonfigModule.forRoot(options)],
    }).compile();
    expect(app.get(QuonfigService).getString('greeting')).toBe('hello');
    await app.close();
  });

  it('the application does not start with a refused SDK key or invalid options', async () => {
    const server = await serve();
    server.revoke();
    const quonfig = QuonfigModule.forRoot(optionsFor(server, { logger: new RecordingLogger() }));
    await expect(Test.createTestingModule({ imports: [quonfig] }).compile()).rejects.toMatchObject({
      code: 'http_error',
    });
    const wrong = QuonfigModule.forRoot({ sdkKey: SDK_KEY, cluster: 'none' as never });
    await expect(Test.createTestingModule({ imports: [wrong] }).compile()).rejects.toThrow(
      InvalidOptionsError,
    );
  });
});

describe('applications that share one stream', () => {
  it('one application leads, the other receives updates from it and takes over, and the last one removes the socket', async () => {
    const server = await serve({ envelope: first });
    const directory = new MeetingDirectory();
    const received: string[] = [];

    @Injectable()
    class Listener {
      @OnQuonfigUpdate('greeting')
      onGreeting({ source, generation }: QuonfigUpdate): void {
        received.push(`${source} ${generation}`);
      }
    }

    const start = async (providers: (typeof Listener)[]): Promise<TestingModule> => {
      const options = optionsFor(server, directory.options({ logger: new RecordingLogger() }));
      const app = await Test.createTestingModule({
        imports: [QuonfigModule.forRoot(options)],
        providers,
      }).compile();
      await app.init();
      return app;
    };
    const leader = await start([]);
    const follower = await start([Listener]);
    const quonfig = follower.get(QuonfigService);
    await until(() => expect(quonfig.connectionState()).toBe('connected'));
    server.publish(second);
    await until(() => expect(received).toEqual(['cluster 1', 'cluster 2']));
    expect(quonfig.health().cluster).toBe('via leader');
    expect(server.configs.requests).toHaveLength(1);
    expect(server.streamsOpened).toBe(1);
    await leader.close();
    await until(() => expect(quonfig.health().cluster).toBe('leader'));
    await until(() => expect(quonfig.connectionState()).toBe('connected'));
    await follower.close();
    expect(directory.files).toEqual([]);
  });
});

describe('the networked parts', () => {
  const quiet = { logger: new RecordingLogger() };

  it('the networked parts of default and named instances can be injected', async () => {
    const server = await serve({ envelope: first });
    const app = await Test.createTestingModule({
      imports: [
        QuonfigModule.forRoot(optionsFor(server, quiet)),
        QuonfigModule.forRoot({
          ...optionsFor(server, { ...quiet, enableSSE: false }),
          name: 'billing',
        }),
      ],
    }).compile();
    await app.init();
    expect(app.get(NetworkDelivery).lastSuccessfulRefresh).toBeInstanceOf(Date);
    expect(app.get(NetworkDelivery).resolvedFrom).toBe('primary');
    await expect(app.get(HedgedFetch).refresh()).resolves.toBeUndefined();
    expect(app.get(LocalDelivery)).toBeUndefined();
    await until(() => expect(app.get(SseReconnectService).state).toBe('connected'));
    expect(app.get(PollingFallbackService).active).toBe(false);
    const billing = <T>(part: new (...args: never[]) => T): T =>
      app.get<T>(getQuonfigToken('billing', part));
    expect(billing(SseReconnectService)).toBeUndefined();
    expect(billing(PollingFallbackService).active).toBe(true);
    await app.close();
  });

  it('the networked parts are undefined for a datafile', async () => {
    const app = await Test.createTestingModule({
      imports: [QuonfigModule.forRoot({ datafile: first, ...quiet })],
    }).compile();
    for (const part of [
      NetworkDelivery,
      HedgedFetch,
      SseReconnectService,
      PollingFallbackService,
    ]) {
      expect(app.get(part)).toBeUndefined();
    }
    await app.close();
  });

  it('a test can override a single networked part', async () => {
    const server = await serve({ envelope: first });
    const calls: string[] = [];
    const stream = {
      state: 'connected',
      terminal: false,
      start: () => void calls.push('start'),
      close: async () => void calls.push('close'),
    };
    const app = await Test.createTestingModule({
      imports: [QuonfigModule.forRoot(optionsFor(server, quiet))],
    })
      .overrideProvider(SseReconnectService)
      .useValue(stream)
      .compile();
    await app.init();
    expect(app.get(QuonfigService).connectionState()).toBe('connected');
    await app.close();
    expect(calls).toEqual(['start', 'close']);
    expect(server.stream.requests).toHaveLength(0);
  });
});
