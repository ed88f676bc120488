import type { ModuleMetadata } from '@nestjs/common';
import { Test, type TestingModule, type TestingModuleBuilder } from '@nestjs/testing';
import { afterEach, beforeEach } from 'vitest';
import { QuonfigModule, QuonfigService } from '../../../lib/index.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { Datafile, type Values } from './datafile.js';

export let file: Datafile;
export let logger: RecordingLogger;
export let app: TestingModule | undefined;

/** Creates a datafile with these values and a logger for every test of a file, and closes its application. */
export function setUpApplication(values: Values): void {
  beforeEach(() => {
    file = new Datafile(values);
    logger = new RecordingLogger();
  });

  afterEach(async () => {
    await app?.close();
    app = undefined;
    file.remove();
  });
}

/** Compiles an application whose configs come from the datafile. */
export async function compile(
  metadata: ModuleMetadata,
  override = (builder: TestingModuleBuilder) => builder,
): Promise<TestingModule> {
  const imports = [
    QuonfigModule.forRoot({ datafile: file.path, logger }),
    ...(metadata.imports ?? []),
  ];
  app = await override(Test.createTestingModule({ ...metadata, imports })).compile();
  return app;
}

/** Compiles such an application and initializes it. */
export async function start(
  metadata: ModuleMetadata,
  override?: (builder: TestingModuleBuilder) => TestingModuleBuilder,
): Promise<TestingModule> {
  return (await compile(metadata, override)).init();
}

/** Replaces the values of the datafile and refreshes the service. */
export async function update(values: Values): Promise<void> {
  file.set(values);
  await app!.get(QuonfigService).refresh();
}
