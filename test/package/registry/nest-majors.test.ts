import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applications, healthConsumer } from '../applications.js';
import { Consumer, pack, workspaceFiles } from '../consumer.js';

let folder: string;
let tarball: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quonfig-tarball-'));
  tarball = await pack(folder);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each([11, 12])('the tarball with the latest Nest %i', (major) => {
  const nest = ['common', 'core', 'platform-express', 'platform-fastify'];
  let consumer: Consumer;

  beforeAll(async () => {
    consumer = await Consumer.create({ ...workspaceFiles, ...applications, ...healthConsumer });
    const health = [`@nestjs/terminus@${major}`, 'prom-client@15', '@types/node@20'];
    const packages = nest.map((name) => `@nestjs/${name}@${major}`);
    await consumer.install([tarball, ...packages, ...health, 'reflect-metadata@0.2', 'rxjs@7']);
  });

  afterAll(() => consumer.remove());

  it.each(['context.mjs', 'context.cjs'])('the package reads a value in %s', async (script) => {
    expect(await consumer.greetings(script)).toEqual(['Hello Anna, Hello']);
  });

  it.each(['http.mjs', 'http.cjs'])(
    'the package works with Express and Fastify in %s',
    async (script) => {
      expect(await consumer.greetings(script)).toEqual([
        'express: Hello Anna, Hello',
        'fastify: Hello Anna, Hello',
      ]);
    },
  );

  it.each(['health.mjs', 'health.cjs'])('health and metrics work in %s', async (script) => {
    const impaired = major === 11 ? 'up' : 'degraded';
    expect(await consumer.greetings(script)).toEqual([`Hello true up ${impaired}`]);
  });

  it('the types are compatible with those of terminus', async () => {
    await consumer.compile('typescript', 'tsconfig.health.json');
  });

  it.each(['@nestjs/core', 'rxjs'])('npm installs one copy of %s', async (name) => {
    const tree = await consumer.run('npm', ['ls', '--all', '--json', name]);
    const versions = JSON.stringify(JSON.parse(tree)).match(
      new RegExp(`"${name}":{"version":"[^"]+"`, 'g'),
    );
    expect(new Set(versions).size).toBe(1);
  });
});
