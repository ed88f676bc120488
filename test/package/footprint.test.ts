import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Consumer, pack, root, workspaceFiles } from './consumer.js';

/**
 * Writes the URL of every module that is imported to a file beside the program: a pipe may be full for a moment. CommonJS
 * modules are in `require.cache`.
 */
const trace = `import { register } from 'node:module';
const hooks = \`import { appendFileSync } from 'node:fs';
let file;
export function initialize(data) {
  file = data;
}
export async function resolve(specifier, context, next) {
  const resolved = await next(specifier, context);
  appendFileSync(file, 'loaded ' + resolved.url + '\\\\n');
  return resolved;
}\`;
const data = process.argv[1] + '.loaded';
register('data:text/javascript,' + encodeURIComponent(hooks), { data });
`;

const application = `import 'reflect-metadata';
import { createRequire } from 'node:module';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { QuonfigModule, QuonfigService } from 'nestjs-quonfig';

class AppModule {}
Module({
  imports: [QuonfigModule.forRoot({ datadir: './workspace', environment: 'production' })],
})(AppModule);

const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
app.get(QuonfigService).get('greeting');
await app.close();
for (const file of Object.keys(createRequire(import.meta.url).cache)) console.log('loaded ' + file);
`;

interface Manifest {
  dependencies: Record<string, string>;
  exports: Record<string, unknown>;
  peerDependenciesMeta: Record<string, { optional?: boolean }>;
}

let folder: string;
let consumer: Consumer;
let manifest: Manifest;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quonfig-tarball-'));
  consumer = await Consumer.create({
    ...workspaceFiles,
    'trace.mjs': trace,
    'main.mjs': application,
    'plain.mjs': application
      .replace(/^import .* from 'nestjs-quonfig';$/m, '')
      .replace(/^.*QuonfigModule\.forRoot.*$/m, '')
      .replace(/^.*QuonfigService.*$/m, ''),
    'instrumented.mjs': application.replace(
      'class AppModule',
      "import { instrumentQuonfig } from 'nestjs-quonfig/opentelemetry';\nclass AppModule",
    ),
  });
  manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest;
  // Even where they are installed.
  await consumer.link(await pack(folder), Object.keys(manifest.peerDependenciesMeta));
});

afterAll(async () => {
  await consumer.remove();
  await rm(folder, { recursive: true, force: true });
});

/** The modules that a program loads. */
async function loadedBy(script: string): Promise<string[]> {
  const printed = await consumer.run(process.execPath, ['--import', './trace.mjs', script]);
  const traced = await readFile(join(consumer.path, `${script}.loaded`), 'utf8');
  return [...traced.split('\n'), ...printed.split('\n')].filter((line) =>
    line.startsWith('loaded '),
  );
}

/** The packages of the modules that a program loads. */
async function packagesOf(script: string): Promise<Set<string>> {
  const loaded = await loadedBy(script);
  const names = loaded.map((line) => /.*\/node_modules\/((@[^/]+\/)?[^/]+)/.exec(line)?.[1]);
  return new Set(names.filter((name) => name !== undefined));
}

describe('an application that imports no subpath', () => {
  it('no subpath and no peer of a subpath is loaded', async () => {
    const loaded = await loadedBy('main.mjs');
    const entries = Object.keys(manifest.exports).filter((path) => /^\.\/[\w-]+$/.test(path));
    expect(entries.length).toBeGreaterThan(2);
    const unwanted = [
      ...entries.map((path) => `/dist/${path.slice(2)}/`),
      // Nest loads these itself, where they are installed.
      ...Object.keys(manifest.peerDependenciesMeta)
        .filter((name) => !/^@nestjs\/(microservices|websockets)$/.test(name))
        .map((name) => `/node_modules/${name}/`),
    ];
    expect(loaded.some((line) => line.endsWith('/dist/index.js'))).toBe(true);
    expect(loaded.filter((line) => unwanted.some((part) => line.includes(part)))).toEqual([]);
  });

  it('the package and its dependencies are all that it adds to a Nest application', async () => {
    const [own, plain] = await Promise.all([packagesOf('main.mjs'), packagesOf('plain.mjs')]);
    const added = [...own].filter((name) => !plain.has(name));
    const allowed = ['nestjs-quonfig', ...Object.keys(manifest.dependencies), 'readdirp'];
    expect(plain).toContain('@nestjs/core');
    expect(added).toContain('nestjs-quonfig');
    expect(added.filter((name) => !allowed.includes(name))).toEqual([]);
  });

  it('the trace shows a subpath that is imported', async () => {
    const loaded = await loadedBy('instrumented.mjs');
    for (const part of ['/dist/opentelemetry/', '/node_modules/@opentelemetry/api/']) {
      expect(
        loaded.some((line) => line.includes(part)),
        part,
      ).toBe(true);
    }
  });
});
