import 'reflect-metadata';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { workspace } from './sources.js';

const app = await NestFactory.create(AppModule, { forceCloseConnections: true });
app.enableShutdownHooks([], { useProcessExit: true });

const port = process.env.PORT ?? '3007';
try {
  await app.listen(port, '127.0.0.1');
  console.log(`
  Quonfig with OpenFeature, at ${await app.getUrl()}

  Try    the commands of sample/07-openfeature/README.md in another terminal
  Edit   ${join(workspace.datadir, 'configs', 'catalog.page-size.json')}
  Stop   Ctrl+C
`);
} catch {
  Logger.error(`Cannot listen on port ${port}; choose another: PORT=4007 npm run demo:openfeature`);
  await app.close();
  process.exitCode = 1;
}
