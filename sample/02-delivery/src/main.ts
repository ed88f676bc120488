import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { startControl, urlOf } from './delivery-control.js';
import { DeliveryServer } from './delivery-server.js';
import { welcome } from './welcome.js';

const port = Number(process.env.PORT ?? 3001);
// The local server uses the two ports after the application's, or any free ones when PORT is 0.
const portAfter = (count: number): number => (port === 0 ? 0 : port + count);
// Not a secret: only the local server accepts it.
const sdkKey = 'qf_sk_local_demo';

try {
  const envelopeFile = fileURLToPath(new URL('../delivery/envelope.json', import.meta.url));
  const delivery = new DeliveryServer(envelopeFile, sdkKey);
  await delivery.start(portAfter(1));
  const controlUrl = urlOf(await startControl(delivery, portAfter(2)));

  const options = { sdkKey, deliveryUrl: delivery.url, controlUrl };
  // An open page keeps a connection open for its events, which would delay the shutdown.
  const app = await NestFactory.create(AppModule.on(options), { forceCloseConnections: true });
  app.enableShutdownHooks([], { useProcessExit: true });
  await app.listen(port, '127.0.0.1');
  console.log(welcome(await app.getUrl(), delivery.url, controlUrl));
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  const hint = code === 'EADDRINUSE' ? '. For other ports: PORT=4001 npm run demo:delivery' : '';
  Logger.error(message + hint);
  process.exit(1);
}
