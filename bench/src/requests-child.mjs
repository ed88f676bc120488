import 'reflect-metadata';
import { Controller, Get, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import * as quonfig from 'nestjs-quonfig';
import { rulesFlag } from './quonfig-configs.mjs';

/** A Nest application that answers "hello", in one variant: `node requests-child.mjs <platform> <variant>`. */

const { QuonfigModule, QuonfigService } = quonfig;
const [platform, variant] = process.argv.slice(2);

const envelope = {
  configs: [rulesFlag('checkout')],
  meta: { version: 'v1', environment: 'production' },
};
const silent = () => undefined;
const context = ({ request }) => ({
  user: { key: request.headers['x-user'], plan: 'pro', email: 'anna@example.com', age: 30 },
});

class HelloController {
  plain() {
    return 'hello';
  }

  read() {
    return this.service.isEnabled('checkout') ? 'hello' : 'bye';
  }

  guarded(/** @type {boolean} */ on) {
    return on ? 'hello' : 'bye';
  }
}

const method = variant === 'read' || variant === 'guarded' ? variant : 'plain';
const descriptor = Object.getOwnPropertyDescriptor(HelloController.prototype, method);
if (variant !== 'plain') Inject(QuonfigService)(HelloController.prototype, 'service');
if (variant === 'guarded') {
  quonfig.RequireFlag('checkout')(HelloController.prototype, method, descriptor);
  quonfig.Flag('checkout')(HelloController.prototype, method, 0);
}
Get()(HelloController.prototype, method, descriptor);
Controller()(HelloController);

function AppModule() {}
Module({
  imports:
    variant === 'plain'
      ? []
      : [
          QuonfigModule.forRoot({
            datafile: envelope,
            logger: { warn: silent, error: console.error },
            ...(variant !== 'module' && { context }),
          }),
        ],
  controllers: [HelloController],
})(AppModule);

const adapter = platform === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
const app = await NestFactory.create(AppModule, adapter, { logger: ['error', 'warn'] });
await app.listen(0, '127.0.0.1');
process.send({ url: await app.getUrl() });
process.once('disconnect', () => void app.close());
