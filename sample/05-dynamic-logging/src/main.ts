import 'reflect-metadata';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { QuonfigLogger } from 'nestjs-quonfig';
import { AppModule } from './app.module.js';
import { workspace } from './workspace.js';

const app = await NestFactory.create(AppModule, { bufferLogs: true, forceCloseConnections: true });
app.useLogger(app.get(QuonfigLogger));
app.enableShutdownHooks([], { useProcessExit: true });

const port = process.env.PORT ?? '3006';
try {
  await app.listen(port, '127.0.0.1');
  console.log(`
  Quonfig dynamic logging, at ${await app.getUrl()}

  Try    the commands of sample/05-dynamic-logging/README.md in another terminal
  Edit   ${join(workspace.datadir, 'log-levels', 'log-level.shop.json')}
  Stop   Ctrl+C
`);
} catch {
  Logger.error(`Cannot listen on port ${port}; choose another: PORT=4006 npm run demo:logging`);
  await app.close();
  process.exitCode = 1;
}
