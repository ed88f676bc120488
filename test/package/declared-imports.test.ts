import { readFileSync, readdirSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync, Visitor } from 'vite';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
  exports: Record<string, unknown>;
}
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

interface Import {
  file: string;
  specifier: string;
}

/** Every import of a folder: static, dynamic, re-exports, `require` and types. */
function importsOf(room: string): Import[] {
  return readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      specifiersIn(readFileSync(join(root, room, file), 'utf8')).map((specifier) => ({
        file: file.split(sep).join('/'),
        specifier,
      })),
    );
}

function specifiersIn(source: string): string[] {
  const found: string[] = [];
  const take = (node: { type: string; value?: unknown } | null | undefined): void => {
    if (node) found.push(node.type === 'Literal' ? String(node.value) : '(computed)');
  };
  new Visitor({
    ImportDeclaration: (node) => take(node.source),
    ExportAllDeclaration: (node) => take(node.source),
    ExportNamedDeclaration: (node) => take(node.source),
    ImportExpression: (node) => take(node.source),
    TSImportType: (node) => take(node.source),
    TSExternalModuleReference: (node) => take(node.expression),
    CallExpression: (node) => {
      if (node.callee.type === 'Identifier' && node.callee.name === 'require') {
        take(node.arguments[0]);
      }
    },
  }).visit(parseSync('source.ts', source).program);
  return found;
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

const isBuiltin = (specifier: string): boolean =>
  specifier.startsWith('node:') || builtinModules.includes(specifier);

const imports = importsOf('lib');
const packages = imports.filter(
  ({ specifier }) => !specifier.startsWith('.') && !isBuiltin(specifier),
);
const optional = Object.entries(manifest.peerDependenciesMeta ?? {})
  .filter(([, meta]) => meta.optional)
  .map(([name]) => name);

describe('the imports of lib/', () => {
  it('the scanner finds imports of every form', () => {
    const source = `
      import 'a'; import type { B } from 'b'; export * from 'c'; export { d } from 'd';
      type E = import('e').E; const f = () => import('f'); import g = require('g'); require('h');`;
    expect(specifiersIn(source).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
    expect(imports.length).toBeGreaterThan(50);
  });

  it('package.json declares every package that lib/ imports', () => {
    const declared = [
      ...Object.keys(manifest.dependencies),
      ...Object.keys(manifest.peerDependencies),
    ];
    expect(packages.filter(({ specifier }) => !declared.includes(packageOf(specifier)))).toEqual(
      [],
    );
  });

  it('relative imports include the file extension', () => {
    const own = imports.filter(({ specifier }) => specifier.startsWith('.'));
    expect(own.filter(({ specifier }) => !specifier.endsWith('.js'))).toEqual([]);
  });

  it('imports of builtin modules have the node: prefix', () => {
    expect(
      imports.filter(({ specifier }) => isBuiltin(specifier) && !specifier.startsWith('node:')),
    ).toEqual([]);
  });

  it('outside of subpath entries, optional peers are imported only when the application has loaded them', () => {
    const entryRooms = Object.keys(manifest.exports)
      .filter((path) => /^\.\/[\w-]+$/.test(path))
      .map((path) => path.slice(2));
    const misplaced = packages.filter(
      ({ file, specifier }) =>
        optional.includes(packageOf(specifier)) && !entryRooms.includes(file.split('/')[0]!),
    );
    // A guard that denies a message of their transport throws their exception.
    expect(misplaced).toEqual([
      { file: 'nest/guards/transport-exceptions.ts', specifier: '@nestjs/microservices' },
      { file: 'nest/guards/transport-exceptions.ts', specifier: '@nestjs/websockets' },
    ]);
    const source = readFileSync(join(root, 'lib', misplaced[0]!.file), 'utf8');
    expect(source.match(/\bfrom '@nestjs/g)).toBeNull();
  });
});

describe('the imports of cli/', () => {
  const ofCommand = importsOf('cli').filter(
    ({ specifier }) => !specifier.startsWith('.') && !isBuiltin(specifier),
  );

  it('the command needs no package but those of the library, the bundled validator and the TypeScript of the application', () => {
    const declared = [
      'nestjs-quonfig',
      ...Object.keys(manifest.dependencies),
      ...Object.keys(manifest.peerDependencies).filter((name) => !optional.includes(name)),
    ];
    const others = ofCommand
      .map(({ file, specifier }) => ({ file, name: packageOf(specifier) }))
      .filter(({ name }) => name !== '(computed)' && !declared.includes(name));
    expect([...new Set(others.map(({ file, name }) => `${file}: ${name}`))]).toEqual([
      'json-schema/ajv.ts: ajv',
      'typescript/load-typescript.ts: typescript',
    ]);
  });
});

describe('the dependencies in package.json', () => {
  it('lib/ uses every dependency that package.json declares', () => {
    const used = new Set(packages.map(({ specifier }) => packageOf(specifier)));
    const runtime = Object.keys(manifest.dependencies);
    expect(runtime.filter((name) => !used.has(name))).toEqual([]);
  });

  it('every peer is installed for the tests, at an accepted major version', () => {
    for (const [name, range] of Object.entries(manifest.peerDependencies)) {
      const path = join(root, 'node_modules', name, 'package.json');
      const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
      const majors = [...range.matchAll(/\^(\d+)/g)].map((match) => match[1]);
      expect(majors, `${name} ${range}`).toContain(version.split('.')[0]);
    }
  });

  it('package.json pins dependencies and development dependencies exactly', () => {
    const pinned = { ...manifest.dependencies, ...manifest.devDependencies };
    const loose = Object.entries(pinned).filter(
      ([, range]) => !/^(npm:[\w@/.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(range),
    );
    expect(loose).toEqual([]);
  });
});
