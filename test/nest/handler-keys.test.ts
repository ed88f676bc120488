import 'reflect-metadata';
import { Injectable, Module, type ModuleMetadata } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { rmSync } from 'node:fs';
import { Subject } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  OnQuonfigUpdate,
  QuonfigModule,
  type QuonfigModuleOptions,
  QuonfigService,
} from '../../lib/index.js';
import { handlerKeyUnknown } from '../../lib/nest/nest.messages.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { Datafile, envelope } from './support/datafile.js';

const VALUES = { 'search.limit': 1, 'search.ranker': 2, flag: 3 };

@Injectable()
class Ranker {
  readonly calls: string[] = [];

  @OnQuonfigUpdate('serach.limit')
  onKey(): void {
    this.calls.push('onKey');
  }

  @OnQuonfigUpdate('serach.*')
  onPattern(): void {}

  @OnQuonfigUpdate(['search.ranker', 'flagg', 'nothing.like.it'])
  onList(): void {}

  @OnQuonfigUpdate()
  @OnQuonfigUpdate('flga')
  onAll(): void {}
}

const WARNINGS = [
  handlerKeyUnknown('Ranker.onKey', 'serach.limit', 'search.limit'),
  handlerKeyUnknown('Ranker.onPattern', 'serach.*', undefined),
  handlerKeyUnknown('Ranker.onList', 'flagg', 'flag'),
  handlerKeyUnknown('Ranker.onList', 'nothing.like.it', undefined),
  handlerKeyUnknown('Ranker.onAll', 'flga', 'flag'),
].map((message) => `warn ${message}`);

@Injectable()
class Correct {
  @OnQuonfigUpdate('search.limit')
  onKey(): void {}

  @OnQuonfigUpdate(['search.*', '*.ranker', 'f*g', '*'])
  onPatterns(): void {}

  @OnQuonfigUpdate()
  onAll(): void {}
}

async function start(
  metadata: ModuleMetadata,
  options: QuonfigModuleOptions = { datafile: envelope(VALUES) },
  override?: object,
) {
  const logger = new RecordingLogger();
  const imports = [QuonfigModule.forRoot({ logger, ...options }), ...(metadata.imports ?? [])];
  const builder = Test.createTestingModule({ ...metadata, imports });
  if (override !== undefined) builder.overrideProvider(QuonfigService).useValue(override);
  const app = await builder.compile();
  onTestFinished(() => app.close());
  await app.init();
  return { app, logger };
}

function datafile(): Datafile {
  const file = new Datafile(VALUES);
  onTestFinished(() => file.remove());
  return file;
}

describe('@OnQuonfigUpdate keys that match no config', () => {
  it.each(['warn', 'throw', undefined] as const)(
    'each unmatched key causes a startup warning with Class.method under onUnknownKey "%s"',
    async (onUnknownKey) => {
      const options = { datafile: envelope(VALUES), ...(onUnknownKey && { onUnknownKey }) };
      const { logger } = await start({ providers: [Ranker] }, options);
      expect(logger.problems.sort()).toEqual([...WARNINGS].sort());
    },
  );

  it('unmatched keys cause no message under onUnknownKey "silent"', async () => {
    const options = { datafile: envelope(VALUES), onUnknownKey: 'silent' } as const;
    const { logger } = await start({ providers: [Ranker] }, options);
    expect(logger.problems).toEqual([]);
  });

  it('keys and patterns that match a config cause no message', async () => {
    const { logger } = await start({ providers: [Correct] });
    expect(logger.problems).toEqual([]);
  });

  it('a handler causes one warning, and is called when its config is added', async () => {
    const file = datafile();
    const { app, logger } = await start({ providers: [Ranker] }, { datafile: file.path });
    expect(logger.problems).toHaveLength(WARNINGS.length);
    file.set({ ...VALUES, more: 1 });
    await app.get(QuonfigService).refresh();
    expect(app.get(Ranker).calls).toEqual([]);
    file.set({ ...VALUES, 'serach.limit': 1 });
    await app.get(QuonfigService).refresh();
    expect(app.get(Ranker).calls).toEqual(['onKey']);
    expect(logger.problems).toHaveLength(WARNINGS.length);
  });

  it('an application that starts without configs is warned when the first ones arrive', async () => {
    const file = datafile();
    rmSync(file.path);
    const options = { datafile: file.path, onInitFailure: 'return-defaults' } as const;
    const { app, logger } = await start({ providers: [Ranker] }, options);
    logger.clear();
    file.set(VALUES);
    await app.get(QuonfigService).refresh();
    expect(logger.problems.sort()).toEqual([...WARNINGS].sort());
  });

  it('handlers of a lazily loaded module are checked with the first update after it', async () => {
    @Module({ providers: [Ranker] })
    class LazyModule {}
    const file = datafile();
    const { app, logger } = await start({}, { datafile: file.path });
    await app.get(LazyModuleLoader).load(() => LazyModule);
    file.set({ ...VALUES, more: 1 });
    await app.get(QuonfigService).refresh();
    expect(logger.problems.sort()).toEqual([...WARNINGS].sort());
  });

  it('handlers of a named instance are checked against the configs of that instance', async () => {
    @Injectable()
    class Plans {
      @OnQuonfigUpdate('plans.pro', { name: 'billing' })
      onPlan(): void {}

      @OnQuonfigUpdate('search.limit', { name: 'billing' })
      onLimit(): void {}
    }
    const logger = new RecordingLogger();
    const billing = QuonfigModule.forRoot({
      name: 'billing',
      datafile: envelope({ 'plans.pro': 1 }),
      logger,
    });
    const { logger: ofOther } = await start({ imports: [billing], providers: [Plans] });
    expect(logger.problems).toEqual([
      `warn ${handlerKeyUnknown('Plans.onLimit', 'search.limit', undefined)}`,
    ]);
    expect(ofOther.problems).toEqual([]);
  });

  it('an application that overrides the service is not warned, because its keys are its own', async () => {
    const { logger } = await start({ providers: [Ranker] }, undefined, {
      updates$: new Subject(),
    });
    expect(logger.problems).toEqual([]);
  });
});
