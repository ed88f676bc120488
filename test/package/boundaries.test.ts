import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What each room below the Nest layer may import of ours. */
const rooms: Record<string, string[]> = {
  model: [],
  errors: [],
  requests: [],
  evaluation: ['model', 'errors'],
  store: ['model', 'evaluation', 'errors'],
  sources: ['model', 'requests', 'errors'],
  telemetry: ['model', 'requests'],
  delivery: ['sources', 'store', 'model', 'errors'],
};
const nestRooms = ['client', 'interfaces', 'logging', 'nest', 'options', 'reads', 'updates'];
const entries = ['terminus', 'prometheus', 'openfeature', 'testing', 'pino', 'winston'];
const everyRoom = [...Object.keys(rooms), ...nestRooms, ...entries];
const optionalPeers = [
  '@nestjs/terminus',
  'prom-client',
  '@openfeature/server-sdk',
  'pino',
  'winston',
];
const itself = ['nestjs-quonfig', 'nestjs-quonfig/testing'];

const restricted = 'eslint(no-restricted-imports)';
let directory: string;
/** The rules each file of the project under lint breaks. */
let broken: Map<string, string[]>;
/** The sources of that project. */
const files = new Map<string, string>();

const importValue = (path: string): string =>
  `import * as imported from '${path}';\nexport const kept: unknown = imported;\n`;
const importType = (path: string): string =>
  `import type { Thing } from '${path}';\nexport const kept: Thing | undefined = undefined;\n`;
const reExport = (path: string): string => `export * from '${path}';\n`;
const importLazily = (path: string): string => `export const kept = () => import('${path}');\n`;

/** One file in the folder for each target, `lib/…` or a package, that imports it. */
function importing(folder: string, targets: string[], form = importValue): string[] {
  return targets.map((target) => {
    const path = target.startsWith('lib/') ? posix.relative(folder, target) : target;
    const file = `${folder}/${form.name}-${target.replaceAll(/\W+/g, '-')}.ts`;
    files.set(file, form(target.startsWith('lib/') && !path.startsWith('.') ? `./${path}` : path));
    return file;
  });
}

const indexOf = (room: string): string => `lib/${room}/index.js`;

interface Case {
  who: string;
  forbidden: string[];
  allowed: string[];
}
const cases: Case[] = [];

for (const [room, may] of Object.entries(rooms)) {
  for (const folder of [`lib/${room}`, `lib/${room}/inner`]) {
    const mayNot = everyRoom.filter((other) => other !== room && !may.includes(other)).map(indexOf);
    cases.push({
      who: folder,
      forbidden: [
        ...importing(folder, [...mayNot, 'lib/index.js', 'lib/client/quonfig.service.js']),
        ...importing(folder, ['@nestjs/common', 'reflect-metadata', ...optionalPeers, ...itself]),
        ...importing(folder, ['lib/updates/index.js'], importType),
        ...importing(folder, ['lib/updates/index.js'], reExport),
        ...importing(folder, ['lib/updates/index.js'], importLazily),
      ],
      allowed: [
        ...importing(folder, [...may.map(indexOf), indexOf(room)]),
        ...(room === 'telemetry' ? importing(folder, [indexOf('evaluation')], importType) : []),
      ],
    });
  }
}
for (const folder of ['lib', ...nestRooms.map((room) => `lib/${room}`)]) {
  const nest = ['@nestjs/common', '@nestjs/core'];
  cases.push({
    who: folder,
    forbidden: [
      ...importing(folder, entries.map(indexOf)),
      ...importing(folder, ['@nestjs/event-emitter', ...optionalPeers, ...itself]),
      ...importing(folder, ['@nestjs/terminus'], importLazily),
    ],
    allowed: importing(folder, [...Object.keys(rooms).map(indexOf), ...nest]),
  });
}
for (const folder of entries.map((entry) => `lib/${entry}`)) {
  cases.push({
    who: folder,
    forbidden: importing(folder, [
      ...['store', 'evaluation', 'updates'].map(indexOf),
      'lib/client/quonfig.service.js',
      ...itself,
    ]),
    allowed: importing(folder, ['lib/index.js', ...optionalPeers]),
  });
}

files.set('lib/updates/first.ts', "import { b } from './second.js';\nexport const a = () => b;\n");
files.set('lib/updates/second.ts', "import { a } from './first.js';\nexport const b = () => a;\n");
files.set(
  'lib/store/mother.ts',
  "import type { B } from './child.js';\nexport type A = { b: B };\n",
);
files.set(
  'lib/store/child.ts',
  "import type { A } from './mother.js';\nexport type B = { a: A };\n",
);
files.set(
  'lib/store/floating.ts',
  'async function later(): Promise<void> {}\nexport function now(): void {\n  later();\n}\n',
);
files.set(
  'lib/store/type-only.ts',
  "import { Thing } from './index.js';\nexport const kept: Thing | undefined = undefined;\n",
);
files.set('lib/store/talks.ts', "export const talk = (): void => console.log('hello');\n");

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'quonfig-lint-'));
  for (const room of everyRoom) {
    files.set(`lib/${room}/index.ts`, 'export type Thing = string;\nexport const thing = 1;\n');
  }
  files.set('lib/index.ts', 'export type Thing = string;\n');
  files.set('lib/client/quonfig.service.ts', 'export type Thing = string;\n');
  for (const [file, source] of files) {
    await mkdir(dirname(join(directory, file)), { recursive: true });
    await writeFile(join(directory, file), source);
  }
  for (const file of ['.oxlintrc.json', 'tsconfig.json']) {
    await cp(join(root, file), join(directory, file));
  }
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'), 'junction');
  broken = await lint();
});

afterAll(() => rm(directory, { recursive: true, force: true }));

async function lint(): Promise<Map<string, string[]>> {
  const oxlint = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint');
  const args = [oxlint, '--type-aware', '--deny-warnings', '-f', 'json', 'lib'];
  const options = { cwd: directory, maxBuffer: 2 ** 28 };
  const report = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      // 1 says that there are findings, as there must be.
      if (error?.code === 1) resolve(stdout);
      else reject(new Error(`oxlint ended with ${error?.code ?? 0}:\n${stdout}\n${stderr}`));
    });
  });
  const { diagnostics } = JSON.parse(report) as {
    diagnostics: { code: string; filename: string }[];
  };
  const found = new Map<string, string[]>();
  for (const { code, filename } of diagnostics) {
    found.set(filename, [...(found.get(filename) ?? []), code]);
  }
  return found;
}

describe('the boundaries between the rooms', () => {
  const isRestricted = (file: string): boolean => broken.get(file)?.includes(restricted) ?? false;

  it.each(cases)('$who may not import what its room may not', ({ forbidden }) => {
    expect(forbidden.filter((file) => !isRestricted(file))).toEqual([]);
  });

  it.each(cases)('$who may import what its room may', ({ allowed }) => {
    expect(allowed.filter(isRestricted)).toEqual([]);
  });

  it('hold in every folder of lib/', () => {
    const folders = readdirSync(join(root, 'lib'), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => relative(join(root, 'lib'), join(entry.parentPath, entry.name)).split(sep));
    expect(folders.filter(([room]) => !everyRoom.includes(room!))).toEqual([]);
    expect(folders.filter((path) => path.length > 2)).toEqual([]);
  });
});

describe('the rules of the house', () => {
  it('refuse a cycle of imports, in every file of it', () => {
    expect(broken.get('lib/updates/first.ts')).toContain('import(no-cycle)');
    expect(broken.get('lib/updates/second.ts')).toContain('import(no-cycle)');
  });

  it('refuse a cycle of types too', () => {
    expect(broken.get('lib/store/mother.ts')).toContain('import(no-cycle)');
  });

  it('refuse a promise nobody waits for', () => {
    expect(broken.get('lib/store/floating.ts')).toContain('typescript(no-floating-promises)');
  });

  it('refuse a value import of a type below the Nest layer', () => {
    expect(broken.get('lib/store/type-only.ts')).toContain('typescript(consistent-type-imports)');
  });

  it('refuse writing to the console', () => {
    expect(broken.get('lib/store/talks.ts')).toContain('eslint(no-console)');
  });
});
