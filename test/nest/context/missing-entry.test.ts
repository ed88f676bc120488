import 'reflect-metadata';
import { Controller, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, type MicroserviceOptions, Transport } from '@nestjs/microservices';
import { ExpressAdapter } from '@nestjs/platform-express';
import { WebSocketGateway } from '@nestjs/websockets';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ContextFactory,
  enableQuonfigContext,
  QuonfigModule,
  type QuonfigModuleExtras,
} from '../../../lib/index.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { rulesByUser } from './support/rules-by-user.js';

@WebSocketGateway()
class ChatGateway {}

@Controller()
class SumController {
  @MessagePattern('sum')
  sum(): number {
    return 3;
  }
}

const tcp = { transport: Transport.TCP, options: { port: 0, host: '127.0.0.1' } } as const;
const context: ContextFactory = () => undefined;

let logger: RecordingLogger;
let stop: (() => Promise<void>) | undefined;

function quonfig(more: { context?: ContextFactory } & QuonfigModuleExtras) {
  return QuonfigModule.forRoot({ datafile: rulesByUser(), logger, ...more });
}

@Module({})
class ShopModule {}

function shop(imports = [quonfig({ context })], providers: Type[] = [ChatGateway]) {
  return { module: ShopModule, imports, providers, controllers: [SumController] };
}

async function create(module: ReturnType<typeof shop>) {
  const app = await NestFactory.create(module, new ExpressAdapter(), { logger: false });
  stop = () => app.close();
  return app;
}

async function createMicroservice(module: ReturnType<typeof shop>) {
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(module, {
    ...tcp,
    logger: false,
  });
  stop = () => app.close();
  return app;
}

beforeEach(() => {
  logger = new RecordingLogger();
});

afterEach(async () => {
  await stop?.();
  stop = undefined;
});

describe('a missing call to enableQuonfigContext', () => {
  it('an application with gateways logs one warning that names the line to add', async () => {
    const app = await create(shop());
    await app.init();
    expect(logger.problems).toEqual([
      expect.stringMatching(/^warn This application has gateways, .*enableQuonfigContext\(app\)/),
    ]);
  });

  it('a microservice logs one warning', async () => {
    const app = await createMicroservice(shop(undefined, []));
    await app.listen();
    expect(logger.problems).toEqual([expect.stringContaining('has a microservice, but')]);
  });

  it('a hybrid application logs one warning for both, even with several instances', async () => {
    const app = await create(shop([quonfig({ context }), quonfig({ name: 'billing', context })]));
    app.connectMicroservice<MicroserviceOptions>(tcp);
    await app.init();
    expect(logger.problems).toEqual([
      expect.stringContaining('has a microservice and gateways, but'),
    ]);
  });

  it('an application that called it logs no warning', async () => {
    const app = await create(shop());
    app.connectMicroservice<MicroserviceOptions>(tcp);
    enableQuonfigContext(app);
    await app.init();
    expect(logger.problems).toEqual([]);
  });

  it('an application without the option "context" logs no warning', async () => {
    const app = await create(shop([quonfig({})]));
    await app.init();
    expect(logger.problems).toEqual([]);
  });

  it('an application with neither microservice nor gateway logs no warning', async () => {
    const app = await create(shop(undefined, []));
    await app.init();
    expect(logger.problems).toEqual([]);
  });

  it('a script that creates an application context with gateways logs no warning', async () => {
    const app = await NestFactory.createApplicationContext(shop(), { logger: false });
    stop = () => app.close();
    expect(logger.problems).toEqual([]);
  });
});
