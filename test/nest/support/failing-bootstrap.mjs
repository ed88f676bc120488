// An application whose bootstrap fails; the process must exit by itself.
import 'reflect-metadata';
import { createServer } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { QuonfigModule, QuonfigService } from '../../../dist/index.js';

const [act, platform] = process.argv.slice(2);
const silent = () => undefined;
const options = {
  ...JSON.parse(process.env.QUONFIG_TEST_OPTIONS),
  logger: { warn: silent, error: console.log },
};
const adapter = platform === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();

function moduleWith(hooks) {
  const provider = { provide: 'HOOKS', useValue: hooks };
  return {
    module: function AppModule() {},
    imports: [QuonfigModule.forRoot(options)],
    providers: [provider],
  };
}

const throwing = () => {
  throw new Error('no database');
};
const quiet = { logger: false, abortOnError: false };

async function untilConnected(app) {
  const quonfig = app.get(QuonfigService);
  while (quonfig.connectionState() !== 'connected' || quonfig.metrics().connectAttempts === 0) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const acts = {
  /** Another module fails in `onModuleInit`, in an application without a server. */
  init: () => NestFactory.createApplicationContext(moduleWith({ onModuleInit: throwing }), quiet),
  /** Another module fails after the stream has been opened. */
  bootstrap: async () => {
    const app = await NestFactory.create(
      moduleWith({ onApplicationBootstrap: throwing }),
      adapter,
      quiet,
    );
    await app.init();
  },
  /** The port is taken, but the stream is already open. */
  listen: async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const app = await NestFactory.create(moduleWith({}), adapter, quiet);
    await app.init();
    await untilConnected(app);
    try {
      await app.listen(taken.address().port, '127.0.0.1');
    } finally {
      taken.close();
    }
  },
};

try {
  await acts[act]();
} catch (error) {
  console.log(`failed: ${error.code ?? error.message}`);
}
