import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageNamed } from '../../docs/page.js';
import { Consumer, pack, workspaceFiles } from '../consumer.js';
import { nestSdkProgram } from '../nestjs-sdk-program.js';
import { openFeatureConsumer } from '../openfeature-program.js';

// The SDK of OpenFeature for Nest excludes Nest 12 of this checkout, so it is installed beside the tarball with Nest 11.

let folder: string;
let tarball: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quonfig-tarball-'));
  tarball = await pack(folder);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const nest = (major: number): string[] =>
  ['common', 'core', 'platform-express', 'platform-fastify'].map(
    (name) => `@nestjs/${name}@${major}`,
  );
const peers = ['reflect-metadata@0.2', 'rxjs@7', '@types/node@20', 'typescript@5.9'];

const compilerOptions = {
  target: 'ES2022',
  module: 'NodeNext',
  types: ['node'],
  strict: true,
  skipLibCheck: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  outDir: 'dist',
};

describe('the provider with @openfeature/nestjs-sdk on Nest 11', () => {
  let consumer: Consumer;

  beforeAll(async () => {
    const [page] = pageNamed('docs/openfeature.md').blocks.filter(
      ({ language }) => language === 'typescript',
    );
    consumer = await Consumer.create({
      'package.json': '{ "name": "consumer", "private": true, "type": "module" }',
      'src/application.ts': nestSdkProgram,
      'src/page.ts': page!.code,
      'tsconfig.json': JSON.stringify({ compilerOptions, include: ['src'] }),
    });
    const sdk = ['@openfeature/nestjs-sdk@0.2', '@openfeature/server-sdk@1', '@openfeature/core@1'];
    await consumer.install([tarball, ...nest(11), ...sdk, ...peers]);
    await consumer.compile('typescript', 'tsconfig.json');
  });

  afterAll(() => consumer.remove());

  it('decorators, guarded routes and clients of two domains evaluate with the user of each request', async () => {
    const printed = await consumer.run(process.execPath, ['dist/application.js']);
    const expected = ['express', 'fastify'].flatMap((platform) =>
      ['quonfig', 'openfeature'].flatMap((source) => [
        `${platform}, ${source}: 200 [true,"Search",20,["a"],true,0.2] 200 [false,"Search",20,["a"],false,0.2]`,
        `${platform}, ${source}: 200 welcome, 404`,
        `${platform}, ${source}: 0 of 200 wrong`,
      ]),
    );
    expect(printed.trim().split('\n')).toEqual(expected);
  });
});

describe.each([
  ['the oldest supported version', '1.17.1', '1.7.2'],
  ['the newest version', '1', '1'],
])('the provider with %s of @openfeature/server-sdk on Nest 12', (_, sdk, core) => {
  let consumer: Consumer;

  beforeAll(async () => {
    consumer = await Consumer.create({ ...workspaceFiles, ...openFeatureConsumer });
    const packages = [`@openfeature/server-sdk@${sdk}`, `@openfeature/core@${core}`];
    await consumer.install([tarball, ...nest(12), ...packages, ...peers]);
  });

  afterAll(() => consumer.remove());

  it.each(['openfeature.mjs', 'openfeature.cjs'])('OpenFeature evaluates in %s', async (script) => {
    expect(await consumer.greetings(script)).toEqual(['Hello Anna, Hello']);
  });

  it('the types are compatible with those of the SDK', async () => {
    await consumer.compile('typescript', 'tsconfig.openfeature.json');
  });
});
