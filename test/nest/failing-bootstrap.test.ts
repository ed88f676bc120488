import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { describe, expect, it } from 'vitest';
import { QuonfigModule, QuonfigService } from '../../lib/index.js';
import { Child } from '../support/child-process.js';
import { type DeliveryServer, envelopeOf } from '../support/delivery-server.js';
import { optionsFor, serve, until } from '../support/networked.js';
import { RecordingLogger } from '../support/recording-logger.js';

const script = fileURLToPath(new URL('./support/failing-bootstrap.mjs', import.meta.url));
const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });
/** A busy machine needs some seconds to start a process. */
const DEADLINE_MS = 30_000;

/** The output of an application that must exit by itself. Kills it, and fails, if it does not. */
async function outputOf(act: string, platform: string, server: DeliveryServer): Promise<string> {
  const child = Child.node([script, act, platform], {
    env: { QUONFIG_TEST_OPTIONS: JSON.stringify(optionsFor(server)) },
  });
  const deadline = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
  expect(await child.ended, child.output).toEqual({ code: 0, signal: null });
  clearTimeout(deadline);
  return child.stdout.trim();
}

describe('a bootstrap that fails', { timeout: 90_000 }, () => {
  it('the process exits when another module fails in onModuleInit, and no stream is opened', async () => {
    const server = await serve({ envelope: first });
    expect(await outputOf('init', 'none', server)).toBe('failed: no database');
    expect(server.stream.requests).toEqual([]);
  });

  it.each(['express', 'fastify'])(
    'the process exits when another module fails in onApplicationBootstrap on %s',
    async (platform) => {
      const server = await serve({ envelope: first });
      expect(await outputOf('bootstrap', platform, server)).toBe('failed: no database');
    },
  );

  it.each(['express', 'fastify'])(
    'the process exits when listen() rejects on %s while the stream is open',
    async (platform) => {
      const server = await serve({ envelope: first });
      expect(await outputOf('listen', platform, server)).toBe('failed: EADDRINUSE');
      expect(server.stream.requests).toHaveLength(1);
    },
  );
});

describe('an application that never listens', () => {
  @Module({})
  class AppModule {}
  const root = (server: DeliveryServer) => ({
    module: AppModule,
    imports: [QuonfigModule.forRoot(optionsFor(server, { logger: new RecordingLogger() }))],
  });

  it.each([
    [
      'createApplicationContext',
      (module: DynamicModule) => NestFactory.createApplicationContext(module, { logger: false }),
    ],
    [
      'init()',
      async (module: DynamicModule) =>
        (await NestFactory.create(module, new FastifyAdapter(), { logger: false })).init(),
    ],
  ])('an application that never listens follows changes after %s', async (_, start) => {
    const server = await serve({ envelope: first });
    const app = await start(root(server));
    await until(() => expect(server.stream.requests).toHaveLength(1));
    server.publish(envelopeOf({ generation: 2, values: { greeting: 'hi' } }));
    await until(() => expect(app.get(QuonfigService).getString('greeting')).toBe('hi'));
    await app.close();
  });
});
