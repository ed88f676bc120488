import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applications, healthConsumer, typeConsumer } from './applications.js';
import { loggersConsumer } from './loggers-program.js';
import { openFeatureConsumer } from './openfeature-program.js';
import { Consumer, pack, root, unpack, workspaceFiles } from './consumer.js';
import { strictPrograms, strictProjects } from './typed-programs.js';

let folder: string;
let tarball: string;
let files: string[];
let contents: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quonfig-tarball-'));
  tarball = await pack(folder);
  contents = join(folder, 'contents');
  await unpack(tarball, contents);
  files = (await readdir(contents, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(contents.length + 1))
    .map((file) => file.split(sep).join('/'))
    .sort();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function entryScripts(): Promise<string[]> {
  const { exports } = JSON.parse(await readFile(join(contents, 'package.json'), 'utf8')) as {
    exports: Record<string, { default?: string }>;
  };
  return Object.values(exports).flatMap(({ default: script }) => script?.replace('./', '') ?? []);
}

/** The files that some files import, directly or through others, and these files. */
async function reachableFrom(...entries: string[]): Promise<Set<string>> {
  const reached = new Set<string>();
  const visit = async (file: string): Promise<void> => {
    if (reached.has(file)) return;
    reached.add(file);
    const text = await readFile(join(contents, file), 'utf8');
    for (const [, path] of text.matchAll(/['"](\.[^'"]+)\.js['"]/g)) {
      const extension = file.endsWith('.d.ts') ? '.d.ts' : '.js';
      await visit(posix.join(posix.dirname(file), `${path}${extension}`));
    }
  };
  for (const entry of entries) await visit(entry);
  return reached;
}

describe('the packed package', () => {
  it('the package contains only the compiled code, JSON Schemas, README, LICENSE and CHANGELOG', () => {
    const papers = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'];
    const schemas = readdirSync(join(root, 'schemas')).map((name) => `schemas/${name}`);
    expect(files.filter((file) => !file.startsWith('dist/'))).toEqual([...papers, ...schemas]);
    expect(files.filter((file) => file.startsWith('dist/') && !/\.(js|d\.ts)$/.test(file))).toEqual(
      [],
    );
  });

  it('the package contains one file per entry, what entries share, the command, and no stale file', async () => {
    const command = (await readdir(join(root, 'cli'), { recursive: true }))
      .filter((file) => file.endsWith('.ts'))
      .map((file) => `dist/cli/${file.split(sep).join('/').replace(/\.ts$/, '.js')}`);
    const scripts = files.filter((file) => file.endsWith('.js'));
    const shared = scripts.filter((file) => file.startsWith('dist/shared-'));
    expect(scripts).toEqual([...(await entryScripts()), ...shared, ...command].sort());
    const texts = await Promise.all(scripts.map((file) => readFile(join(contents, file), 'utf8')));
    for (const file of shared) {
      expect(
        texts.some((text) => text.includes(posix.basename(file))),
        file,
      ).toBe(true);
    }
  });

  it('every exported class and function has the name under which it is exported', async () => {
    for (const script of await entryScripts()) {
      const exported = (await import(pathToFileURL(join(root, script)).href)) as object;
      const functions = Object.entries(exported).filter(([, each]) => typeof each === 'function');
      expect(functions.length, script).toBeGreaterThan(0);
      for (const [name, each] of functions) {
        expect((each as { name: string }).name, script).toBe(name);
      }
    }
  });

  // Babel, which Jest uses, prints a note about larger files.
  it('no JavaScript file exceeds 500 kB', async () => {
    for (const file of files.filter((name) => name.endsWith('.js'))) {
      expect((await stat(join(contents, file))).size, file).toBeLessThan(500_000);
    }
  });

  it('JavaScript files consist of ASCII characters, which V8 keeps in one byte each', async () => {
    for (const file of files.filter((name) => name.endsWith('.js'))) {
      const text = await readFile(join(contents, file), 'latin1');
      expect(/[^\0-\x7f]/.exec(text), file).toBeNull();
    }
  });

  it('the package takes less than 1550 kB on disk', async () => {
    const sizes = await Promise.all(
      files.map(async (file) => (await stat(join(contents, file))).size),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1_550_000);
  });

  it('the JavaScript has no comments but the names of its parts, and no source map; the types have their comments', async () => {
    for (const file of files.filter((name) => name.endsWith('.js'))) {
      const text = await readFile(join(contents, file), 'utf8');
      const unnamed = text.replaceAll(/^\/\/ [\w./-]+\.js$/gm, '');
      expect(unnamed, file).not.toMatch(/^\s*(\/\*\*|\/\/)|sourceMappingURL/m);
    }
    const service = await readFile(join(contents, 'dist/client/quonfig.service.d.ts'), 'utf8');
    expect(service).toContain('@example');
    expect(service).toContain('@throws');
  });

  // Terser, which webpack and ncc minify with, fails on an incomplete \u or \x even in a tagged template.
  it('no raw template has an escape that Terser refuses', async () => {
    for (const file of files.filter((name) => name.endsWith('.js'))) {
      const text = await readFile(join(contents, file), 'utf8');
      expect(text, file).not.toMatch(/String\.raw ?`[^`]*\\[ux]/);
    }
  });

  it('every type file is reachable from an entry', async () => {
    const types = files.filter((file) => file.endsWith('.d.ts'));
    const texts = await Promise.all(types.map((file) => readFile(join(contents, file), 'utf8')));
    const imported = types.flatMap((file, index) =>
      [...texts[index]!.matchAll(/['"](\.[^'"]+)\.js['"]/g)].map(([, path]) =>
        posix.join(posix.dirname(file), `${path}.d.ts`),
      ),
    );
    expect(imported.filter((file) => !types.includes(file))).toEqual([]);
    const { exports } = JSON.parse(await readFile(join(contents, 'package.json'), 'utf8')) as {
      exports: Record<string, { types?: string }>;
    };
    const entries = Object.values(exports).map(({ types: entry }) => entry?.replace('./', ''));
    expect(types.filter((file) => !imported.includes(file) && !entries.includes(file))).toEqual([]);
  });

  it('every file that an entry names exists', async () => {
    const manifest = JSON.parse(await readFile(join(contents, 'package.json'), 'utf8')) as {
      main: string;
      types: string;
      exports: Record<string, string | Record<string, string>>;
    };
    const named = [manifest.main, manifest.types, ...Object.values(manifest.exports)].flatMap(
      (entry) => (typeof entry === 'string' ? [entry] : Object.values(entry)),
    );
    const paths = named.map((file) => file.replace('/*', ''));
    expect(paths.filter((file) => !existsSync(join(contents, file)))).toEqual([]);
  });
});

describe('the root of the packed package', () => {
  it('the root entry loads no part of a subpath', async () => {
    const [main, ...others] = await entryScripts();
    const exportsOf = async (script: string): Promise<string[]> =>
      Object.keys((await import(pathToFileURL(join(root, script)).href)) as object);
    const fromMain = await exportsOf(main!);
    const texts = await Promise.all(
      [...(await reachableFrom(main!))].map((file) => readFile(join(contents, file), 'utf8')),
    );
    const defines = (name: string) =>
      texts.some((text) =>
        new RegExp(`^(var|let|const|function|class) ${name}\\b`, 'm').test(text),
      );
    expect(defines('QuonfigService')).toBe(true);
    for (const script of others) {
      const own = (await exportsOf(script)).filter((name) => !fromMain.includes(name));
      expect(own.length, script).toBeGreaterThan(0);
      expect(own.filter(defines), script).toEqual([]);
    }
  });

  it('the root entry and its types import no optional peer, except to reject a message of its transport', async () => {
    const manifest = JSON.parse(await readFile(join(contents, 'package.json'), 'utf8')) as {
      exports: Record<string, unknown>;
      peerDependenciesMeta: Record<string, { optional?: boolean }>;
    };
    const peers = Object.keys(manifest.peerDependenciesMeta);
    expect(peers.length).toBeGreaterThan(0);
    const named = new Set<string>();
    for (const file of await reachableFrom('dist/index.js', 'dist/index.d.ts')) {
      const text = await readFile(join(contents, file), 'utf8');
      const imported = peers.filter(
        (peer) => text.includes(`'${peer}'`) || text.includes(`"${peer}"`),
      );
      for (const peer of imported) {
        expect(text, file).toContain(`await import("${peer}")`);
        expect(text, file).not.toMatch(new RegExp(`(from|import) ?['"]${peer}['"]`));
        named.add(peer);
      }
    }
    expect([...named].sort()).toEqual(['@nestjs/microservices', '@nestjs/websockets']);
  });
});

describe('the packed package with the optional health peers', () => {
  let consumer: Consumer;

  beforeAll(async () => {
    consumer = await Consumer.create({ ...workspaceFiles, ...applications, ...healthConsumer });
    await consumer.link(tarball, ['@types/node', '@nestjs/terminus', 'prom-client']);
  });

  afterAll(() => consumer.remove());

  it.each(['health.mjs', 'health.cjs'])('health and metrics work in %s', async (script) => {
    expect(await consumer.greetings(script)).toEqual(['Hello true up degraded']);
  });

  it('the types of the subpaths work in ES modules and CommonJS', async () => {
    await consumer.compile('typescript', 'tsconfig.health.json');
  });
});

describe('the packed package with the optional peer of OpenFeature', () => {
  let consumer: Consumer;

  beforeAll(async () => {
    consumer = await Consumer.create({ ...workspaceFiles, ...openFeatureConsumer });
    const peers = ['@openfeature/server-sdk', '@openfeature/core'];
    await consumer.link(tarball, ['@types/node', ...peers]);
  });

  afterAll(() => consumer.remove());

  it.each(['openfeature.mjs', 'openfeature.cjs'])(
    'OpenFeature evaluates with the provider in %s',
    async (script) => {
      expect(await consumer.greetings(script)).toEqual(['Hello Anna, Hello']);
    },
  );

  it('the types of the provider compile without skipLibCheck in ES modules and CommonJS', async () => {
    await consumer.compile('typescript', 'tsconfig.openfeature.json');
  });
});

describe('the packed package with the optional peers pino and winston', () => {
  let consumer: Consumer;

  beforeAll(async () => {
    consumer = await Consumer.create({ ...workspaceFiles, ...loggersConsumer });
    await consumer.link(tarball, ['@types/node', 'pino', 'winston']);
  });

  afterAll(() => consumer.remove());

  it.each(['loggers.mjs', 'loggers.cjs'])(
    'pino and winston have live levels in %s',
    async (script) => {
      expect(await consumer.greetings(script)).toEqual(['Hello pino info, winston info']);
    },
  );

  it('the types of the loggers compile in ES modules and CommonJS', async () => {
    await consumer.compile('typescript', 'tsconfig.loggers.json');
  });
});

describe('the types of the packed package under the strictest compiler options', () => {
  let consumer: Consumer;

  beforeAll(async () => {
    consumer = await Consumer.create(strictPrograms);
    await consumer.link(tarball, ['@types/node', 'prom-client', 'undici']);
  });

  afterAll(() => consumer.remove());

  it.each(strictProjects)('TypeScript 7 compiles %s', async (project) => {
    await consumer.compile('typescript', project);
  });

  // The TypeScript of attw. `npm run test:registry` compiles with every supported version.
  it('TypeScript 5.6 compiles programs/tsconfig.node16.json', { timeout: 120_000 }, async () => {
    const typescript = '@arethetypeswrong/core/node_modules/typescript';
    await consumer.compile(typescript, 'programs/tsconfig.node16.json');
  });
});

describe('the packed package with only its declared dependencies', () => {
  let consumer: Consumer;

  beforeAll(async () => {
    consumer = await Consumer.create({ ...workspaceFiles, ...applications, ...typeConsumer });
    await consumer.link(tarball, ['@types/node']);
  });

  afterAll(() => consumer.remove());

  it('the package works in an ES module', async () => {
    expect(await consumer.greetings('context.mjs')).toEqual(['Hello Anna, Hello']);
  });

  it('the package works in a CommonJS application', async () => {
    expect(await consumer.greetings('context.cjs')).toEqual(['Hello Anna, Hello']);
  });

  it('the package works without a container', async () => {
    expect(await consumer.greetings('service.mjs')).toEqual(['Hello Anna, Hello']);
  });

  it.each(['nodenext', 'bundler', 'commonjs'])(
    'the types compile without skipLibCheck (%s)',
    async (resolution) => {
      await consumer.compile('typescript', `tsconfig.${resolution}.json`);
    },
  );

  it('the types reject wrong calls', async () => {
    await expect(consumer.compile('typescript', 'tsconfig.wrong.json')).rejects.toThrow(
      /wrong\.ts\(3,.*TS2322/,
    );
  });
});
