import 'reflect-metadata';
import cluster from 'node:cluster';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  QuonfigModule,
  type QuonfigModuleOptions,
  QuonfigService,
  startQuonfigPrimary,
} from 'nestjs-quonfig';
import { reportToPage } from './report.js';
import { host, port, required } from './settings.js';

const relays = required('RELAY_URLS').split(',');

const options: QuonfigModuleOptions = {
  sdkKey: required('RELAY_KEY'),
  // The second relay is asked when the first one is slow or down.
  apiUrls: relays,
  streamUrl: relays[0],
  // One stream for all workers: the primary follows, and hands configs to them.
  cluster: 'shared',
  // With saved configs, the shop also starts while every relay is down.
  persistence: { file: required('SAVED_CONFIGS') },
  initTimeout: 3_000,
  // Short, so that you see polling soon. The default is one minute.
  fallbackPollIntervalMs: 1_000,
  collectEvaluationSummaries: false,
  contextUploadMode: 'none',
};

@Controller()
class ShopController {
  constructor(private readonly quonfig: QuonfigService) {}

  @Get()
  price(): { open: boolean; price: number; pid: number } {
    return {
      open: this.quonfig.isEnabled('shop.open'),
      price: this.quonfig.getNumber('shop.price', undefined, 0),
      pid: process.pid,
    };
  }
}

@Module({ imports: [QuonfigModule.forRoot(options)], controllers: [ShopController] })
class ShopModule {}

async function startWorker(): Promise<void> {
  const app = await NestFactory.create(ShopModule);
  app.enableShutdownHooks();
  await app.listen(port(), host());
  const quonfig = app.get(QuonfigService);
  reportToPage(() => ({
    generation: quonfig.heldGeneration(),
    state: `${quonfig.connectionState()}, ${quonfig.health().cluster}, from ${quonfig.health().source}`,
    price: quonfig.getNumber('shop.price', undefined, 0),
  }));
}

async function startPrimary(): Promise<void> {
  const quonfig = await startQuonfigPrimary(options);
  reportToPage(() => ({
    generation: quonfig.heldGeneration(),
    state: `${quonfig.connectionState()}, from ${quonfig.health().source}`,
  }));
  for (let count = 0; count < Number(process.env.WORKERS ?? 2); count++) cluster.fork();
  cluster.on('exit', () => void cluster.fork());
}

if (cluster.isPrimary) await startPrimary();
else await startWorker();
