// The first process of a container: a Nest application with a service, and a delivery server if the container has a network.
// With a worker, the first process is a primary that only passes messages on.
import 'reflect-metadata';
import cluster from 'node:cluster';
import { hostname, networkInterfaces } from 'node:os';
import { setTimeout } from 'node:timers/promises';

const logged = [];
const log = (message) => logged.push(message);
let NestFactory, QuonfigModule, QuonfigService;
let server;
let app;

const acts = {
  serve: async (options) => {
    const { DeliveryServer } = await import('/mnt/image/delivery-server.mjs');
    server = await DeliveryServer.start(options);
  },
  publish: (envelope) => server.publish(envelope),
  start: async (options) => {
    const module = QuonfigModule.forRoot({
      ...options,
      logger: { info: log, warn: log, error: log },
    });
    app = await NestFactory.createApplicationContext(module, { logger: false });
  },
  facts: () => {
    const service = app.get(QuonfigService);
    const { cluster: role, source } = service.health();
    return {
      role,
      source,
      state: service.connectionState(),
      greeting: service.getString('greeting'),
      streams: server?.openStreams ?? 0,
      logged,
      process: { pid: process.pid, host: hostname(), networks: Object.keys(networkInterfaces()) },
    };
  },
  close: () => app.close(),
  saveOn: async (options) => {
    while (logged.length === 0) {
      const service = await QuonfigService.create({
        ...options,
        logger: { warn: log, error: log },
      });
      await service.close();
      await setTimeout(Math.random() * 20);
    }
    throw new Error(logged.join('\n'));
  },
};

process.on('disconnect', () => process.exit());
if (process.env.QUONFIG_TEST_WORKER === 'true' && cluster.isPrimary) {
  const worker = cluster.fork();
  worker.on('message', (message) => process.send(message));
  process.on('message', (message) => worker.send(message));
} else {
  ({ NestFactory } = await import('@nestjs/core'));
  ({ QuonfigModule, QuonfigService } = await import('../../../dist/index.js'));
  process.on('message', async ({ act, argument }) => {
    try {
      process.send({ result: (await acts[act](argument)) ?? null });
    } catch (error) {
      process.send({ failed: error.message });
    }
  });
  process.send({ result: 'ready' });
}
