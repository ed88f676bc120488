import 'reflect-metadata';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { workspace } from './workspace.js';

const app = await NestFactory.create(AppModule, { forceCloseConnections: true });
app.enableShutdownHooks([], { useProcessExit: true });

const port = process.env.PORT ?? '3004';
try {
  await app.listen(port, '127.0.0.1');
  console.log(`
  Quonfig request context, at ${await app.getUrl()}

  Try    the commands of sample/03-request-context/README.md in another terminal
  Edit   ${join(workspace.datadir, 'feature-flags', 'shop.open.json')}
  Stop   Ctrl+C
`);
} catch {
  Logger.error(`Cannot listen on port ${port}; choose another: PORT=4004 npm run demo:context`);
  await app.close();
  process.exitCode = 1;
}
