import 'reflect-metadata';
import { Body, Controller, Get, Inject, Module, Post, Sse } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  ConfigValue,
  Flag,
  QuonfigContext,
  QuonfigModule,
  QuonfigService,
  RequireFlag,
} from 'nestjs-quonfig';
import { interval, map, take } from 'rxjs';
import { setTimeout } from 'node:timers/promises';
import { always, bool, config, envelopeOf, oneOf, rule, text } from './quonfig-configs.mjs';

/** Users whose name the config `name` knows; it has one rule for each. */
export const USERS = Array.from({ length: 20 }, (_, index) => `user-${index}`);

const names = USERS.map((user) => rule(text(user), oneOf('user.key', [user])));
const envelope = envelopeOf([
  config('name', [...names, always(text('nobody'))], 'config', 'string'),
  config('on', [always(bool(true))]),
]);

/** Every handler answers the name of whoever asks, read late. */
class SoakController {
  async late() {
    await setTimeout(1);
    return this.service.getString('name');
  }

  guarded(/** @type {boolean} */ on, /** @type {string} */ name) {
    return on ? name : 'off';
  }

  async posted(/** @type {object} */ _body) {
    await setTimeout(1);
    return this.service.getString('name');
  }

  /** A job that the request starts and nobody waits for. */
  async job() {
    const before = this.service.getString('name');
    void this.context.run({ user: { key: USERS[0] } }, async () => {
      await setTimeout(5);
      if (this.service.getString('name') !== USERS[0]) throw new Error('a job lost its context');
    });
    this.context.merge({ device: { key: 'd' } });
    return before;
  }

  events() {
    return interval(2).pipe(
      take(3),
      map(() => ({ data: this.service.getString('name') })),
    );
  }

  /** Waits longer than its clients do. */
  async abandoned() {
    await setTimeout(200);
    return this.service.getString('name');
  }
}

/**
 * @param {string} method
 * @param {MethodDecorator[]} decorators
 */
function decorate(method, ...decorators) {
  const descriptor = Object.getOwnPropertyDescriptor(SoakController.prototype, method);
  for (const decorator of decorators) decorator(SoakController.prototype, method, descriptor);
}

Inject(QuonfigService)(SoakController.prototype, 'service');
Inject(QuonfigContext)(SoakController.prototype, 'context');
decorate('late', Get('late'));
decorate('guarded', RequireFlag('on'), Get('guarded'));
Flag('on')(SoakController.prototype, 'guarded', 0);
ConfigValue('name')(SoakController.prototype, 'guarded', 1);
decorate('posted', Post('posted'));
Body()(SoakController.prototype, 'posted', 0);
decorate('job', Get('job'));
decorate('events', Sse('events'));
decorate('abandoned', Get('abandoned'));
Controller()(SoakController);

/** @param {'express' | 'fastify'} platform */
export async function startSoakApp(platform) {
  function AppModule() {}
  const silent = () => undefined;
  Module({
    imports: [
      QuonfigModule.forRoot({
        datafile: envelope,
        logger: { warn: silent, error: console.error },
        context: ({ request }) => ({ user: { key: request.headers['x-user'] } }),
      }),
    ],
    controllers: [SoakController],
  })(AppModule);
  const adapter = platform === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
  const app = await NestFactory.create(AppModule, adapter, { logger: ['error', 'warn'] });
  await app.listen(0, '127.0.0.1');
  return { url: await app.getUrl(), close: () => app.close() };
}
