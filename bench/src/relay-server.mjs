import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { QuonfigModule, QuonfigService } from 'nestjs-quonfig';
import { QuonfigRelayModule } from 'nestjs-quonfig/relay';
import { following, startServer } from './server-process.mjs';
import { usage } from './usage.mjs';

/**
 * A relay and the service that it follows: `relay-server.mjs <size>`. Told `{ push: n }`, the service pushes set `n`, and the
 * relay says when it was installed; `{ cpu: true }` asks for the processor time since.
 */

const size = Number(process.argv[2]);
const KEY = 'qf_sk_bench_0123456789';

const upstream = await startServer('quonfig', size);
let installed = (/** @type {number} */ _at) => {};
let cpu = process.cpuUsage();

/** Subscribes before the relay does, so that its work counts. */
const observer = {
  provide: 'OBSERVER',
  inject: [QuonfigService],
  useFactory: (/** @type {QuonfigService} */ quonfig) =>
    quonfig.updates$.subscribe(() => {
      cpu = process.cpuUsage();
      installed(Number(process.hrtime.bigint()) / 1e6);
    }),
};

function AppModule() {}
Module({
  imports: [
    QuonfigModule.forRoot(following(upstream.url)),
    QuonfigRelayModule.registerAsync({
      // After the observer.
      inject: [observer.provide],
      imports: [observing()],
      useFactory: () => ({ keys: [KEY] }),
    }),
  ],
})(AppModule);

function observing() {
  function ObserverModule() {}
  Module({ providers: [observer], exports: [observer.provide] })(ObserverModule);
  return ObserverModule;
}

async function receive(/** @type {any} */ message) {
  if (message.usage) return process.send({ usage: await usage() });
  if (message.cpu) return process.send({ cpu: process.cpuUsage(cpu) });
  const install = new Promise((resolve) => (installed = resolve));
  await upstream.push(message.push);
  process.send({ at: await install });
}
process.on('message', (message) => void receive(message));
process.on('disconnect', () => process.exit(0));

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
await app.listen(0, '127.0.0.1');
process.send({ port: app.getHttpServer().address().port, bytes: upstream.bytes });
