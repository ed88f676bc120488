import { AsyncLocalStorage } from 'node:async_hooks';
import 'reflect-metadata';
import {
  Controller,
  createParamDecorator,
  Get,
  Inject,
  Injectable,
  Module,
  UseGuards,
} from '@nestjs/common';
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

/** The variants without the package: what Nest and the platform themselves charge. */
const isOwn = variant !== 'plain' && variant !== 'storage' && variant !== 'handwritten';
const storage = new AsyncLocalStorage();
const Caller = createParamDecorator(
  (_data, execution) => execution.switchToHttp().getRequest().headers['x-user'],
);
class CallerGuard {
  canActivate(execution) {
    return execution.switchToHttp().getRequest().headers['x-user'] !== undefined;
  }
}
class IsOnPipe {
  transform(/** @type {unknown} */ caller) {
    return caller !== undefined;
  }
}
Injectable()(CallerGuard);
Injectable()(IsOnPipe);

const METHODS = { read: 'read', guarded: 'guarded', handwritten: 'guarded' };
const method = METHODS[variant] ?? 'plain';
const descriptor = Object.getOwnPropertyDescriptor(HelloController.prototype, method);
if (isOwn) Inject(QuonfigService)(HelloController.prototype, 'service');
if (variant === 'handwritten') {
  UseGuards(CallerGuard)(HelloController.prototype, method, descriptor);
  Caller('checkout', IsOnPipe)(HelloController.prototype, method, 0);
}
if (variant === 'guarded') {
  quonfig.RequireFlag('checkout')(HelloController.prototype, method, descriptor);
  quonfig.Flag('checkout')(HelloController.prototype, method, 0);
}
Get()(HelloController.prototype, method, descriptor);
Controller()(HelloController);

function AppModule() {}
Module({
  imports: isOwn
    ? [
        QuonfigModule.forRoot({
          datafile: envelope,
          logger: { warn: silent, error: console.error },
          ...(variant !== 'module' && { context }),
        }),
      ]
    : [],
  controllers: [HelloController],
})(AppModule);

const adapter = platform === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
const app = await NestFactory.create(AppModule, adapter, { logger: ['error', 'warn'] });
if (variant === 'storage' || variant === 'handwritten') {
  const enter = (request, _response, next) => storage.run({ request }, next);
  if (platform === 'fastify') adapter.getInstance().addHook('preValidation', enter);
  else app.use(enter);
}
await app.listen(0, '127.0.0.1');
process.send({ url: await app.getUrl() });
process.once('disconnect', () => void app.close());
