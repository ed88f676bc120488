// Compiles lib/ and cli/ to build/, then bundles the entries of package.json to dist/: one file loads in a third of the time that
// hundreds take. Writes beside both and swaps only what differs, so that no stale file remains and processes running from dist/
// are not disturbed.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync, transformSync } from 'esbuild';
import { rolldown } from 'rolldown';
import { withLock } from './lock.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
/** Every module of lib/ and cli/. Not published; tests and benchmarks import from it what no entry exports. */
const build = join(root, 'build');
/** What is published. */
const dist = join(root, 'dist');
const fresh = join(root, `.dist-${process.pid}`);
const modules = join(fresh, 'modules');
const bundle = join(fresh, 'bundle');
const old = join(fresh, 'old');
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

await withLock(root, 'build', async () => {
  try {
    if (compile()) {
      await bundleEntries();
      replace(modules, build);
      replace(bundle, dist);
    } else {
      process.exitCode = 1;
    }
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
});

// JavaScript without comments, then types with them: editors show the comments of the types.
function compile() {
  const script = ['--declaration', 'false', '--removeComments', 'true'];
  if (!tscWith(script) || !tscWith(['--emitDeclarationOnly'])) return false;
  // npm makes the command executable when it installs the package; the samples use it from here.
  chmodSync(join(modules, 'cli', 'main.js'), 0o755);
  liftLibrary();
  bundleValidator();
  return true;
}

function tscWith(options) {
  const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', modules, ...options];
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status === 0;
}

// The library is the package's root: build/lib/index.js becomes build/index.js, beside build/cli.
function liftLibrary() {
  for (const name of readdirSync(join(modules, 'lib'))) {
    renameSync(join(modules, 'lib', name), join(modules, name));
  }
  rmSync(join(modules, 'lib'), { recursive: true });
}

// Only the command validates JSON Schemas, so the validator comes with it instead of with every application.
function bundleValidator() {
  const file = join(modules, 'cli', 'json-schema', 'ajv.js');
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

// One file per entry, and files that entries share. The command stays as it is: it loads only the modules that it needs.
async function bundleEntries() {
  const entries = Object.values(exports)
    .filter((entry) => entry.default !== undefined)
    .map((entry) => relative('dist', entry.default).replace(/\.js$/, ''));
  const bundler = await rolldown({
    cwd: modules,
    input: Object.fromEntries(entries.map((entry) => [entry, join(modules, `${entry}.js`)])),
    external: (id) => !id.startsWith('.') && !isAbsolute(id),
    platform: 'node',
  });
  await bundler.write({
    dir: bundle,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'shared-[hash].js',
    // Babel, which Jest uses, prints a note about files that exceed 500 kB.
    codeSplitting: { groups: [{ name: 'shared', test: /[\\/]evaluation[\\/]/ }] },
  });
  await bundler.close();
  cpSync(join(modules, 'cli'), join(bundle, 'cli'), {
    recursive: true,
    filter: (path) => !path.endsWith('.d.ts'),
  });
  copyTypes();
  shortenIndentation();
  escapeBeyondAscii();
}

// Only the types that an entry of package.json reaches can be imported.
function copyTypes() {
  const used = new Set();
  const visit = (file) => {
    if (used.has(file)) return;
    used.add(file);
    const text = readFileSync(join(modules, file), 'utf8');
    mkdirSync(dirname(join(bundle, file)), { recursive: true });
    writeFileSync(join(bundle, file), text);
    for (const [, path] of text.matchAll(/['"](\.[^'"]+)\.js['"]/g)) {
      visit(join(dirname(file), `${path}.d.ts`));
    }
  };
  for (const { types } of Object.values(exports)) {
    if (types !== undefined) visit(relative('dist', types));
  }
}

// The compiler indents by four spaces, which are a sixth of what it writes; tabs do the same.
function shortenIndentation() {
  rewrite((text) => text.replace(/^(?: {4})+/gm, (spaces) => '\t'.repeat(spaces.length / 4)));
}

// V8 keeps a file with a single character beyond Latin-1 in two bytes per character: a megabyte instead of half of one, in every
// process.
function escapeBeyondAscii() {
  rewrite((text) =>
    text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}

// Writes files in another way. One that would do something else, such as with a string of several lines, stays as it is.
function rewrite(change) {
  for (const file of filesOf(bundle)) {
    if (!file.endsWith('.js')) continue;
    const path = join(bundle, file);
    const text = readFileSync(path, 'utf8');
    const changed = change(text);
    if (changed !== text && doesTheSame(changed, text)) writeFileSync(path, changed);
  }
}

function doesTheSame(changed, text) {
  try {
    return minified(changed) === minified(text);
  } catch {
    // Not even valid.
    return false;
  }
}

function minified(code) {
  return transformSync(code, { minifySyntax: true, minifyWhitespace: true }).code;
}

function replace(built, target) {
  if (sameFiles(built, target)) return;
  if (existsSync(target)) renameSync(target, old);
  renameSync(built, target);
  rmSync(old, { recursive: true, force: true });
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
