import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Consumer, pack, workspaceFiles } from '../consumer.js';
import { graphqlProgram } from '../graphql-program.js';

// The GraphQL packages of Nest exclude the TypeScript of this checkout, so they are installed beside the tarball.
const drivers = {
  11: ['@nestjs/graphql@13', '@nestjs/mercurius@13', '@nestjs/apollo@13'],
  12: ['@nestjs/graphql@14', '@nestjs/mercurius@14', '@nestjs/apollo@14'],
};
const others = ['mercurius@16', '@apollo/server@5', '@as-integrations/express5@1', 'graphql@16'];
const peers = ['graphql-ws@6', 'ws@8', 'reflect-metadata@0.2', 'rxjs@7'];

let folder: string;
let tarball: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quonfig-tarball-'));
  tarball = await pack(folder);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each([11, 12] as const)('the option "context" in GraphQL with Nest %i', (major) => {
  let consumer: Consumer;

  beforeAll(async () => {
    const manifest = '{ "name": "consumer", "private": true }';
    const files = { 'package.json': manifest, 'graphql.mjs': graphqlProgram };
    consumer = await Consumer.create({ ...workspaceFiles, ...files });
    const nest = ['common', 'core', 'platform-express', 'platform-fastify'];
    const packages = nest.map((name) => `@nestjs/${name}@${major}`);
    await consumer.install([tarball, ...packages, ...drivers[major], ...others, ...peers]);
  });

  afterAll(() => consumer.remove());

  it('1,000 concurrent queries, and subscriptions, each read with their own contexts', async () => {
    const printed = await consumer.run(process.execPath, ['graphql.mjs']);
    const expected = ['mercurius', 'apollo'].flatMap((driver) =>
      ['before', 'after'].flatMap((order) => [
        `${driver}, Quonfig ${order}: 0 of 1000 wrong over http`,
        `${driver}, Quonfig ${order}: 0 of 2 wrong over a connection`,
      ]),
    );
    expect(printed.trim().split('\n')).toEqual(expected);
  });
});
