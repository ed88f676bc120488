import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Room {
  imports?: string[];
  types?: string[];
  packages?: string[];
  entry?: boolean;
  command?: boolean;
}
const { rooms, roomNames, folderOf, guardedPackages, outdated } = (await import(
  new URL('../../scripts/rooms.mjs', import.meta.url).href
)) as {
  rooms: Record<string, Room>;
  roomNames: string[];
  folderOf: (room: string) => string;
  guardedPackages: string[];
  outdated: () => Promise<{ file: string }[]>;
};

const restricted = 'eslint(no-restricted-imports)';
let directory: string;
/** The rules that each file of the linted project breaks. */
let broken: Map<string, string[]>;
/** The files of that project, with their source. */
const files = new Map<string, string>();

const importValue = (path: string): string =>
  `import * as imported from '${path}';\nexport const kept: unknown = imported;\n`;
const importType = (path: string): string =>
  `import type { Thing } from '${path}';\nexport const kept: Thing | undefined = undefined;\n`;
const reExport = (path: string): string => `export * from '${path}';\n`;
const importLazily = (path: string): string => `export const kept = () => import('${path}');\n`;

/** Writes one importing file into the folder per target, a file of lib/ or a package. */
function importing(folder: string, targets: string[], form = importValue): string[] {
  return targets.map((target) => {
    const isOurs = /^(lib|cli)\//.test(target);
    const path = isOurs ? posix.relative(folder, target) : target;
    const file = `${folder}/${form.name}-${target.replaceAll(/\W+/g, '-')}.ts`;
    files.set(file, form(isOurs && !path.startsWith('.') ? `./${path}` : path));
    return file;
  });
}

const indexOf = (room: string): string => `${folderOf(room)}/index.js`;

interface Case {
  who: string;
  forbidden: string[];
  allowed: string[];
}
const cases: Case[] = [];

for (const [room, row] of Object.entries(rooms)) {
  const { imports = [], types = [], packages = [], entry, command } = row;
  const folders = room === 'index.ts' ? ['lib'] : [folderOf(room), `${folderOf(room)}/inner`];
  const open = [...imports, ...types, room];
  const closed = roomNames.filter((name) => !open.includes(name)).map(indexOf);
  const face = room === 'index.ts' ? [] : ['lib/index.js'];
  for (const folder of folders) {
    cases.push({
      who: folder,
      forbidden: [
        ...importing(folder, [...closed, ...(entry ? [] : face)]),
        ...importing(folder, types.map(indexOf)),
        ...importing(
          folder,
          guardedPackages.filter((name) => !packages.includes(name)),
        ),
        ...(command ? [] : importing(folder, ['nestjs-quonfig/testing'])),
        ...[importType, reExport, importLazily].flatMap((form) =>
          importing(folder, command ? [closed[0]!] : [closed[0]!, 'nestjs-quonfig'], form),
        ),
      ],
      allowed: [
        ...importing(folder, [
          ...imports.filter((name) => name !== room).map(indexOf),
          ...packages,
          'rxjs',
        ]),
        ...importing(folder, types.map(indexOf), importType),
        ...(entry ? importing(folder, face) : []),
      ],
    });
  }
}

files.set('lib/updates/first.ts', "import { b } from './second.js';\nexport const a = () => b;\n");
files.set('lib/updates/second.ts', "import { a } from './first.js';\nexport const b = () => a;\n");
files.set(
  'lib/store/parent.ts',
  "import type { B } from './child.js';\nexport type A = { b: B };\n",
);
files.set(
  'lib/store/child.ts',
  "import type { A } from './parent.js';\nexport type B = { a: A };\n",
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
  for (const room of roomNames) {
    files.set(
      `${folderOf(room)}/index.ts`,
      'export type Thing = string;\nexport const thing = 1;\n',
    );
  }
  files.set('lib/index.ts', 'export type Thing = string;\n');
  for (const [file, source] of files) {
    await mkdir(dirname(join(directory, file)), { recursive: true });
    await writeFile(join(directory, file), source);
  }
  for (const file of ['.oxlintrc.json', '.oxlintrc.rooms.json', 'tsconfig.json']) {
    await cp(join(root, file), join(directory, file));
  }
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'), 'junction');
  broken = await lint();
});

afterAll(() => rm(directory, { recursive: true, force: true }));

async function lint(): Promise<Map<string, string[]>> {
  const oxlint = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint');
  const args = [oxlint, '--type-aware', '--deny-warnings', '-f', 'json', 'lib', 'cli'];
  const options = { cwd: directory, maxBuffer: 2 ** 28 };
  const report = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      // Exit code 1 means findings, and there must be some.
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

describe('the boundaries between rooms', () => {
  const isRestricted = (file: string): boolean => broken.get(file)?.includes(restricted) ?? false;

  it.each(cases)('lint rejects every forbidden import in $who', ({ forbidden }) => {
    expect(forbidden.filter((file) => !isRestricted(file))).toEqual([]);
  });

  it.each(cases)('lint accepts every allowed import in $who', ({ allowed }) => {
    expect(allowed.filter(isRestricted)).toEqual([]);
  });

  it('every folder of lib/ is a room or a folder inside one', () => {
    const folders = readdirSync(join(root, 'lib'), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => relative(join(root, 'lib'), join(entry.parentPath, entry.name)).split(sep));
    expect(
      folders
        .filter((path) => path.length === 1)
        .flat()
        .sort(),
    ).toEqual(roomNames.filter((room) => folderOf(room).startsWith('lib/')).sort());
    expect(folders.filter((path) => path.length > 2)).toEqual([]);
  });

  it('the linter and the documentation match the table of rooms', async () => {
    expect((await outdated()).map(({ file }) => file)).toEqual([]);
  });
});

describe('the rules for every file', () => {
  it('lint rejects an import cycle in every file of the cycle', () => {
    expect(broken.get('lib/updates/first.ts')).toContain('import(no-cycle)');
    expect(broken.get('lib/updates/second.ts')).toContain('import(no-cycle)');
  });

  it('lint rejects a cycle of type imports', () => {
    expect(broken.get('lib/store/parent.ts')).toContain('import(no-cycle)');
  });

  it('lint rejects a promise that is not awaited', () => {
    expect(broken.get('lib/store/floating.ts')).toContain('typescript(no-floating-promises)');
  });

  it('lint rejects a value import of a type below the Nest layer', () => {
    expect(broken.get('lib/store/type-only.ts')).toContain('typescript(consistent-type-imports)');
  });

  it('lint rejects calls of console methods', () => {
    expect(broken.get('lib/store/talks.ts')).toContain('eslint(no-console)');
  });
});
