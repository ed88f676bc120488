import 'reflect-metadata';
import {
  type BeforeApplicationShutdown,
  Controller,
  Get,
  Injectable,
  Module,
  type OnApplicationShutdown,
  Query,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { Test } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  ConfigStore,
  LocalDelivery,
  OnQuonfigUpdate,
  QuonfigModule,
  QuonfigService,
} from '../../lib/index.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { constantDocument, createWorkspace } from '../support/workspace.js';
import { Datafile } from './support/datafile.js';

let file: Datafile;
let logger: RecordingLogger;

beforeEach(() => {
  file = new Datafile({ limit: 1 });
  logger = new RecordingLogger();
});

afterEach(() => {
  file.remove();
});

describe.each([
  ['Express', () => undefined],
  ['Fastify', () => new FastifyAdapter()],
])('an application on %s', (_, adapter) => {
  const events: string[] = [];

  @Controller()
  class LimitController {
    constructor(private readonly quonfig: QuonfigService) {}

    @Get('limit')
    limit(@Query('fallback') fallback: string): { limit: number } {
      return { limit: this.quonfig.getNumber('limit', { user: { key: 'u-1' } }, Number(fallback)) };
    }

    @OnQuonfigUpdate('limit')
    onLimit(): void {
      events.push(`limit ${this.quonfig.getNumber('limit')}`);
    }
  }

  @Injectable()
  class Draining implements BeforeApplicationShutdown, OnApplicationShutdown {
    constructor(private readonly quonfig: QuonfigService) {}

    beforeApplicationShutdown(): void {
      events.push(`before: ${this.quonfig.connectionState()} ${this.quonfig.getNumber('limit')}`);
    }

    onApplicationShutdown(): void {
      events.push(`after: ${this.quonfig.getNumber('limit')}`);
    }
  }

  it('the application serves current configs over HTTP and keeps reading them while it shuts down', async () => {
    events.length = 0;
    @Module({
      imports: [
        QuonfigModule.forRootAsync({ useFactory: () => ({ datafile: file.path, logger }) }),
      ],
      controllers: [LimitController],
      providers: [Draining],
    })
    class AppModule {}
    const http = adapter();
    const app = await (http === undefined
      ? NestFactory.create(AppModule, { logger: false })
      : NestFactory.create(AppModule, http, { logger: false }));
    await app.listen(0, '127.0.0.1');
    const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
    const limit = async (): Promise<unknown> =>
      (await fetch(`http://127.0.0.1:${port}/limit?fallback=9`)).json();

    expect(await limit()).toEqual({ limit: 1 });
    file.set({ limit: 2 });
    const quonfig = app.get(QuonfigService);
    await quonfig.refresh();
    expect(await limit()).toEqual({ limit: 2 });

    await app.close();
    expect(events).toEqual(['limit 1', 'limit 2', 'before: connected 2', 'after: 2']);
    expect(quonfig.connectionState()).toBe('disconnected');
    expect(quonfig.getNumber('limit')).toBe(2);
    expect(logger.problems).toEqual([]);
  });
});

describe('an application that watches its datadir', () => {
  const limit = (value: number) => constantDocument('limit', 'config', 'int', value);

  it('file edits reach reads and handlers until the application closes', async () => {
    const limits: number[] = [];
    @Injectable()
    class Ranker {
      constructor(private readonly quonfig: QuonfigService) {}

      @OnQuonfigUpdate('limit')
      onUpdate(): void {
        limits.push(this.quonfig.getNumber('limit'));
      }
    }
    const workspace = createWorkspace({ configs: [limit(1)] });
    const app = await Test.createTestingModule({
      imports: [
        QuonfigModule.forRoot({
          datadir: workspace.path,
          environment: 'production',
          dataDirAutoReload: true,
          dataDirAutoReloadDebounceMs: 20,
          logger,
        }),
      ],
      providers: [Ranker],
    }).compile();
    await app.init();
    const edit = (value: number): void => workspace.write(limit(value));
    // When watching begins is not defined, so the file is written repeatedly.
    await vi.waitFor(
      () => {
        edit(2);
        expect(limits).toEqual([1, 2]);
      },
      { timeout: 10_000, interval: 300 },
    );
    await app.close();
    expect(app.get(QuonfigService).connectionState()).toBe('disconnected');
    workspace.cleanup();
  });
});

describe('the lifecycle hooks', () => {
  it('live parts start only after the handlers have received the first load', async () => {
    const order: string[] = [];
    class Ranker {
      @OnQuonfigUpdate()
      onUpdate(): void {
        order.push('handler');
      }
    }
    const app = await Test.createTestingModule({
      imports: [QuonfigModule.forRoot({ datafile: file.path, logger })],
      providers: [Ranker],
    }).compile();
    const delivery = app.get(LocalDelivery);
    delivery.start = () => void order.push('start');
    expect(order).toEqual([]);
    await app.init();
    expect(order).toEqual(['handler', 'start']);
    await app.close();
  });

  it('failures in lifecycle hooks are logged and never thrown, so the application starts and stops', async () => {
    const failing = {
      load: async () => undefined,
      start: () => {
        throw new Error('cannot start');
      },
      close: async () => {
        throw new Error('cannot close');
      },
      get connectionState$(): never {
        throw new Error('no state');
      },
    };
    const app = await Test.createTestingModule({
      imports: [QuonfigModule.forRoot({ datafile: file.path, logger })],
    })
      .overrideProvider(LocalDelivery)
      .useValue(failing)
      .compile();
    await app.init();
    await app.close();
    expect(logger.problems).toEqual([
      expect.stringMatching(/^error Quonfig could not call its update handlers.*no state/),
      expect.stringMatching(
        /^error Quonfig could not follow changes.*Check the parts that the application overrides\..*cannot start/,
      ),
      expect.stringMatching(/^error Quonfig could not close.*cannot close/),
    ]);
  });

  it('no handler is called and nothing is installed after the application has closed', async () => {
    let calls = 0;
    class Ranker {
      @OnQuonfigUpdate()
      onUpdate(): void {
        calls++;
      }
    }
    const app = await Test.createTestingModule({
      imports: [QuonfigModule.forRoot({ datafile: file.path, logger })],
      providers: [Ranker],
    }).compile();
    await app.init();
    await app.close();
    file.set({ limit: 2 });
    const quonfig = app.get(QuonfigService);
    await expect(quonfig.refresh()).rejects.toHaveProperty('code', 'closed');
    expect(calls).toBe(1);
    expect(app.get(ConfigStore).installCount).toBe(1);
    await app.close();
  });

  it('reads work in a compiled module that was never initialized', async () => {
    const app = await Test.createTestingModule({
      imports: [QuonfigModule.forRoot({ datafile: file.path, logger })],
    }).compile();
    expect(app.get(QuonfigService).getNumber('limit')).toBe(1);
    await app.close();
    expect(app.get(QuonfigService).connectionState()).toBe('disconnected');
  });
});
