import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { welcome } from './welcome.js';
import { workspace } from './workspace.js';

// An open page keeps a connection open for its events, which would delay the shutdown.
const app = await NestFactory.create(AppModule, { forceCloseConnections: true });
app.enableShutdownHooks([], { useProcessExit: true });

const port = process.env.PORT ?? '3000';
try {
  await app.listen(port, '127.0.0.1');
  console.log(welcome(await app.getUrl(), workspace));
} catch {
  Logger.error(`Cannot listen on port ${port}; choose another: PORT=3001 npm run demo`);
  await app.close();
  process.exitCode = 1;
}
