import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Fleet } from './fleet.js';
import { PageController } from './page.controller.js';

/** The page, and everything it shows, on one machine. */
@Module({ controllers: [PageController], providers: [Fleet] })
class PageModule {}

const app = await NestFactory.create<NestExpressApplication>(PageModule, {
  logger: ['error', 'warn'],
  forceCloseConnections: true,
});
app.useStaticAssets(fileURLToPath(new URL('../public', import.meta.url)));
await app.listen(process.env.PORT ?? 3009, '127.0.0.1');

const fleet = app.get(Fleet);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    fleet.close();
    process.exit(0);
  });
}
process.once('exit', () => fleet.close());

const url = await app.getUrl();
await fleet.start(url);
console.log(`The fleet is starting, at ${url}\n`);
