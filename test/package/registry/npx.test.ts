import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Consumer, pack, workspaceFiles } from '../consumer.js';

let folder: string;
let consumer: Consumer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quonfig-npx-'));
  consumer = await Consumer.create({ ...workspaceFiles, 'package.json': '{ "private": true }' });
  const nest = ['@nestjs/common@12', '@nestjs/core@12', 'reflect-metadata@0.2', 'rxjs@7'];
  await consumer.install([...nest, await pack(folder)]);
});

afterAll(async () => {
  await consumer.remove();
  await rm(folder, { recursive: true, force: true });
});

/** `--no`: fails instead of installing another package of that name. */
const npx = (...args: string[]): Promise<string> =>
  consumer.run('npx', ['--no', 'nestjs-quonfig', ...args]);

describe('npx nestjs-quonfig in a project that installed the tarball', () => {
  it('npx nestjs-quonfig checks and explains a workspace, and generates its types', async () => {
    expect(await npx('--version')).toMatch(/^\d+\.\d+\.\d+/);
    expect(await npx('verify', '--strict', '--datadir', 'workspace')).toBe('');
    const context = JSON.stringify({ user: { key: 'anna' } });
    const explained = await npx(
      'explain',
      'greeting',
      '--datadir',
      'workspace',
      '--context',
      context,
    );
    expect(explained).toContain('"Hello Anna"');
    await npx('generate', '--datadir', 'workspace');
    expect(await consumer.read('src/generated/quonfig-types.ts')).toContain('greeting: string;');
    expect(await npx('generate', '--datadir', 'workspace', '--check')).toBe('');
  });

  it('npx nestjs-quonfig ends with the exit code of the command', async () => {
    await consumer.write({ 'broken/quonfig.json': '{', 'broken/configs/a.json': '{' });
    await expect(npx('verify', '--datadir', 'broken')).rejects.toHaveProperty('cause.code', 1);
    await expect(npx('verify', '--unknown')).rejects.toHaveProperty('cause.code', 2);
  });

  it('npx nestjs-quonfig passes on every word of a shell completion, even an empty one', async () => {
    expect(await npx('__complete', 'verify', '--format', '')).toBe('text\njson\nsarif\ngithub\n');
  });
});
