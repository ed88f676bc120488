import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Module } from '@nestjs/common';
import { ContextIdFactory, NestFactory, REQUEST } from '@nestjs/core';
import { expect, it } from 'vitest';
import { QuonfigModule, QuonfigService } from '../../lib/index.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { Datafile } from './support/datafile.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const REQUESTS = 20;

it('with request-scoped options, nothing keeps the service of a past request in memory', async () => {
  const { path } = new Datafile({ 'answers.key': 42 });
  const logger = new RecordingLogger();
  const options = { inject: [REQUEST], useFactory: () => ({ datafile: path, logger }) };

  @Module({ imports: [QuonfigModule.forRootAsync(options)] })
  class AppModule {}

  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  const stores: WeakRef<object>[] = [];
  for (let request = 0; request < REQUESTS; request++) {
    const id = ContextIdFactory.create();
    app.registerRequestByContextId({}, id);
    const quonfig = await app.resolve(QuonfigService, id, { strict: false });
    expect(quonfig.getNumber('answers.key')).toBe(42);
    stores.push(new WeakRef(quonfig.parts.store));
  }
  for (let pass = 0; pass < 5; pass++) {
    await setTimeout(20);
    collectGarbage();
  }
  // The last one may still be on the stack.
  expect(stores.filter((store) => store.deref()).length).toBeLessThan(3);
  await app.close();
});
