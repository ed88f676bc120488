// Compiles lib/ to dist/ and cli/ to dist/cli. Builds beside dist/ and swaps only when the output differs, so that no stale
// file remains and processes running from dist/ are not disturbed.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { withLock } from './lock.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const fresh = join(root, `.dist-${process.pid}`);
const old = `${fresh}-old`;
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

await withLock(root, 'build', () => {
  try {
    if (!compile()) process.exitCode = 1;
    else if (!sameFiles(fresh, dist)) replace();
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
});

// JavaScript without comments, then types with them: editors show the comments of the types.
function compile() {
  const script = ['--declaration', 'false', '--removeComments', 'true'];
  if (!tscWith(script) || !tscWith(['--emitDeclarationOnly'])) return false;
  // npm makes the command executable when it installs the package; the samples use it from here.
  chmodSync(join(fresh, 'cli', 'main.js'), 0o755);
  liftLibrary();
  bundleValidator();
  removeUnusedTypes();
  shortenIndentation();
  return true;
}

function tscWith(options) {
  const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', fresh, ...options];
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status === 0;
}

// The library is the package's root: dist/lib/index.js becomes dist/index.js, beside dist/cli.
function liftLibrary() {
  for (const name of readdirSync(join(fresh, 'lib'))) {
    renameSync(join(fresh, 'lib', name), join(fresh, name));
  }
  rmSync(join(fresh, 'lib'), { recursive: true });
}

// Only the command validates JSON Schemas, so the validator comes with it instead of with every application.
function bundleValidator() {
  const file = join(fresh, 'cli', 'json-schema', 'ajv.js');
  const { version } = JSON.parse(
    readFileSync(join(root, 'node_modules', 'ajv', 'package.json'), 'utf8'),
  );
  const license = 'Copyright (c) 2015-2021 Evgeny Poberezkin. MIT License: https://ajv.js.org';
  const result = buildSync({
    entryPoints: [file],
    outfile: file,
    allowOverwrite: true,
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    legalComments: 'none',
    banner: { js: `/*! Contains ajv ${version}. ${license} */` },
    logLevel: 'warning',
  });
  if (result.errors.length > 0) throw new Error('The validator cannot be bundled.');
}

// Only the types that an entry of package.json reaches can be imported.
function removeUnusedTypes() {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const used = new Set();
  const visit = (file) => {
    if (used.has(file)) return;
    used.add(file);
    const specifiers = readFileSync(join(fresh, file), 'utf8').matchAll(/['"](\.[^'"]+)\.js['"]/g);
    for (const [, path] of specifiers) visit(join(dirname(file), `${path}.d.ts`));
  };
  for (const { types } of Object.values(exports)) {
    if (types !== undefined) visit(relative('dist', types));
  }
  for (const file of filesOf(fresh)) {
    if (file.endsWith('.d.ts') && !used.has(file)) rmSync(join(fresh, file));
  }
}

// TypeScript indents by four spaces, which are a sixth of what it writes; tabs do the same. A file with a string of several
// lines stays as it is.
function shortenIndentation() {
  for (const file of filesOf(fresh)) {
    if (!file.endsWith('.js')) continue;
    const path = join(fresh, file);
    const lines = readFileSync(path, 'utf8').split('\n');
    if (lines.some((line) => line.split('`').length % 2 === 0)) continue;
    const short = lines.map((line) =>
      line.replace(/^(?: {4})+/, (spaces) => '\t'.repeat(spaces.length / 4)),
    );
    writeFileSync(path, short.join('\n'));
  }
}

function replace() {
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
}

function sameFiles(left, right) {
  const names = filesOf(left);
  return (
    names.join() === filesOf(right).join() &&
    names.every((name) => readFileSync(join(left, name)).equals(readFileSync(join(right, name))))
  );
}

function filesOf(directory) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true })
    .filter((name) => statSync(join(directory, name)).isFile())
    .sort();
}
