import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applications } from '../applications.js';
import { Consumer, pack, workspaceFiles } from '../consumer.js';

const nest = ['common', 'core', 'platform-express', 'platform-fastify'];

let folder: string;
let consumer: Consumer;
let before: string[];
let after: string[];

/** The packages in node_modules. */
async function installed(): Promise<string[]> {
  const entries = await readdir(join(consumer.path, 'node_modules'), { recursive: true });
  return entries.filter((path) => /^(@[^/]+\/[^/]+|[^@.][^/]*)$/.test(path)).sort();
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quonfig-tarball-'));
  consumer = await Consumer.create({ ...workspaceFiles, ...applications });
  const packages = nest.map((name) => `@nestjs/${name}@12`);
  await consumer.install([...packages, 'reflect-metadata@0.2', 'rxjs@7']);
  before = await installed();
  await consumer.install([await pack(folder)]);
  after = await installed();
});

afterAll(async () => {
  await consumer.remove();
  await rm(folder, { recursive: true, force: true });
});

describe('the tarball installed in a Nest application', () => {
  it('npm adds the package and its dependencies, and no optional peer', () => {
    expect(before).toContain('@nestjs/core');
    expect(after.filter((name) => !before.includes(name))).toEqual([
      '@humanwhocodes/momoa',
      'chokidar',
      'nestjs-quonfig',
      're2js',
      'readdirp',
    ]);
  });

  it.each(['http.mjs', 'http.cjs'])('the application starts without them in %s', async (script) => {
    expect(await consumer.greetings(script)).toEqual([
      'express: Hello Anna, Hello',
      'fastify: Hello Anna, Hello',
    ]);
  });
});
