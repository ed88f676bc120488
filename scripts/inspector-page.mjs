// Bundles page/, the page of the inspector, into lib/inspector/page-assets.ts: applications need no build step, and bundlers
// find no extra files. `node scripts/inspector-page.mjs --write` updates it; without --write it fails if it is out of date.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = join(root, 'lib', 'inspector', 'page-assets.ts');
/** The oldest browsers with `light-dark()`, all of 2024 or before. */
const browsers = ['chrome123', 'firefox120', 'safari17.5'];

async function bundle(entry, options = {}) {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'page', entry)],
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: 'esm',
    target: browsers,
    charset: 'utf8',
    legalComments: 'none',
    write: false,
    ...options,
  });
  return outputFiles[0].text;
}

/** The license asks for its text in every copy. */
function notice(name) {
  const folder = join(root, 'node_modules', name);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const license = readFileSync(join(folder, 'LICENSE'), 'utf8').trim();
  return `/*! Contains ${name} ${version}:\n\n${license}\n*/\n`;
}

function asset(name, extension, type, text) {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return { file: `${name}-${hash}.${extension}`, type, text };
}

/** The text that lib/inspector/page-assets.ts should have. */
export async function pageAssets() {
  const script = await bundle('main.tsx', { jsx: 'automatic', jsxImportSource: 'preact' });
  const style = await bundle('style.css');
  const icon = readFileSync(join(root, 'page', 'icon.svg'), 'utf8').trim();
  const assets = {
    script: asset('page', 'js', 'text/javascript; charset=utf-8', notice('preact') + script),
    style: asset('page', 'css', 'text/css; charset=utf-8', style),
    icon: asset('icon', 'svg', 'image/svg+xml', icon),
  };
  const lines = Object.entries(assets).map(
    ([name, content]) => `export const ${name} = ${JSON.stringify(content)};`,
  );
  return ['// Written by scripts/inspector-page.mjs from page/. Do not edit.', ...lines, ''].join(
    '\n',
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = await pageAssets();
  if (process.argv.includes('--write')) {
    writeFileSync(target, wanted);
  } else if (readFileSync(target, 'utf8') !== wanted) {
    console.log(
      'lib/inspector/page-assets.ts is out of date: node scripts/inspector-page.mjs --write',
    );
    process.exitCode = 1;
  }
}
