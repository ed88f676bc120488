import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireInModules } from '../../scripts/matrix/bundlers.mjs';
import { bundledApplication, bundledOutput, externalPackages } from './bundle-program.js';
import { Consumer, pack, workspaceFiles } from './consumer.js';

let folder: string;
let consumer: Consumer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quonfig-tarball-'));
  consumer = await Consumer.create({ ...workspaceFiles, 'main.mjs': bundledApplication });
  const peers = ['@nestjs/event-emitter', '@nestjs/terminus'];
  await consumer.link(await pack(folder), peers);
});

afterAll(async () => {
  await consumer.remove();
  await rm(folder, { recursive: true, force: true });
});

describe('an application bundled and minified by esbuild', () => {
  it('named instances, handlers, the event bus, health and error names work', async () => {
    await build({
      absWorkingDir: consumer.path,
      entryPoints: ['main.mjs'],
      outfile: join(consumer.path, 'bundle.mjs'),
      bundle: true,
      minify: true,
      platform: 'node',
      format: 'esm',
      banner: { js: requireInModules },
      external: externalPackages,
      logLevel: 'error',
    });
    const printed = await consumer.run(process.execPath, ['bundle.mjs']);
    expect(printed.trim().split('\n').sort()).toEqual(bundledOutput);
  });
});
