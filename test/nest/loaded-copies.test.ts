import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Child } from '../support/child-process.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Runs an application whose folder has two copies of the built package, `one` and `two`.
 *
 * @param first code that runs before the package is loaded
 */
async function outputOf(imports: readonly string[], first = ''): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'quonfig-copies-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  for (const copy of ['one', 'two']) {
    await mkdir(join(folder, copy));
    await cp(join(root, 'dist'), join(folder, copy, 'dist'), { recursive: true });
    await writeFile(join(folder, copy, 'package.json'), '{ "type": "module" }');
  }
  await writeFile(join(folder, 'first.mjs'), first);
  await writeFile(
    join(folder, 'main.mjs'),
    `import './first.mjs';
    import 'reflect-metadata';
    import { NestFactory } from '@nestjs/core';
    ${imports.map((copy, index) => `import * as copy${index} from './${copy}/dist/index.js';`).join('\n')}
    const logger = { warn: (message) => console.log(message), error: console.log };
    const datafile = { configs: [], meta: { version: 'v1', environment: 'production' } };
    class AppModule {}
    const start = () => NestFactory.createApplicationContext(
      { module: AppModule, imports: [copy0.QuonfigModule.forRoot({ datafile, logger })] },
      { logger: false },
    );
    for (const app of [await start(), await start()]) await app.close();
    console.log('done');`,
  );
  const child = Child.node(['main.mjs'], { cwd: folder });
  expect(await child.ended, child.output).toEqual({ code: 0, signal: null });
  return child.stdout;
}

describe('several copies of the package in one process', { timeout: 60_000 }, () => {
  it('an application that loads the package twice is warned once, with both paths and a remedy', async () => {
    const output = await outputOf(['one', 'two']);
    expect(output.match(/loaded more than once/g)).toHaveLength(1);
    expect(output).toMatch(/\/one\/dist\/[\w-]+\.js and .*\/two\/dist\/[\w-]+\.js/);
    expect(output).toContain('npm dedupe');
  });

  it('an application that imports one copy in two places is not warned', async () => {
    expect(await outputOf(['one', 'one'])).toBe('done\n');
  });

  it.each([
    ['Error.prepareStackTrace returns frames', 'Error.prepareStackTrace = (_, frames) => frames;'],
    [
      'Error.prepareStackTrace throws',
      'Error.prepareStackTrace = () => { throw new Error("no"); };',
    ],
    ['stack traces have no frames', 'Error.stackTraceLimit = 0;'],
    ['the globals are frozen', 'Object.preventExtensions(globalThis);'],
    [
      'another version has left something else',
      "globalThis[Symbol.for('nestjs-quonfig.copies')] = { files: ['a', 'b', 'c'] };",
    ],
    ['another version has left null', "globalThis[Symbol.for('nestjs-quonfig.copies')] = null;"],
  ])('the package loads without a warning when %s', async (_, first) => {
    expect(await outputOf(['one'], first)).toBe('done\n');
  });
});
