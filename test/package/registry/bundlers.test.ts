import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bundledApplication,
  bundledOutput,
  decoratedApplication,
  externalPackages,
} from '../bundle-program.js';
import { Consumer, pack, workspaceFiles } from '../consumer.js';

const bundlers = ['webpack@5.113.0', '@vercel/ncc@0.45.0', '@swc/core@1.16.22', 'swc-loader@0.2.7'];

/** Bundles the entry that its first argument names; the second names the minimizer. */
const webpackProgram = `const webpack = require('webpack');
const Minimizer = require('minimizer-webpack-plugin');

const [entry, minimizer] = process.argv.slice(2);
const optional = ${JSON.stringify(externalPackages)};
const swc = {
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    target: 'es2022',
  },
};
webpack({
  mode: 'production',
  target: 'node',
  entry,
  output: { path: __dirname, filename: entry + '.bundle.cjs' },
  module: { rules: [{ test: /\\.ts$/, loader: 'swc-loader', options: swc }] },
  externals: ({ request }, done) =>
    optional.some((name) => (request + '/').startsWith(name + '/')) ? done(null, 'commonjs ' + request) : done(),
  optimization: { minimizer: [new Minimizer({ minify: Minimizer[minimizer], extractComments: false })] },
}, (error, stats) => {
  if (error) throw error;
  console.log(stats.toString('errors-only'));
  process.exitCode = stats.hasErrors() ? 1 : 0;
});
`;

let folder: string;
let consumer: Consumer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quonfig-tarball-'));
  consumer = await Consumer.create({
    ...workspaceFiles,
    'package.json': '{ "private": true }',
    'main.mjs': bundledApplication,
    'main.ts': decoratedApplication,
    'webpack.cjs': webpackProgram,
  });
  await consumer.install(bundlers);
  const peers = ['@nestjs/event-emitter', '@nestjs/terminus'];
  await consumer.link(await pack(folder), peers);
});

afterAll(async () => {
  await consumer.remove();
  await rm(folder, { recursive: true, force: true });
});

const node = (...args: string[]): Promise<string> => consumer.run(process.execPath, args);

/** Runs a bundle; returns what it prints, sorted. */
async function printedBy(bundle: string): Promise<string[]> {
  return (await node(bundle)).trim().split('\n').sort();
}

/** Bundles and minifies the entry with webpack; returns the name of the bundle. */
async function webpack(entry: string, minimizer: string): Promise<string> {
  await node('webpack.cjs', entry, minimizer);
  const bundle = `${entry}.bundle.cjs`;
  // Proves that the minimizer changed the names of classes.
  expect(await consumer.read(bundle)).not.toMatch(/class (ConfigStore|MissingDefaultError)\b/);
  return bundle;
}

describe('named instances, handlers, the event bus, health and error names work', () => {
  it('in an application bundled by webpack and minified by Terser', async () => {
    expect(await printedBy(await webpack('./main.mjs', 'terserMinify'))).toEqual(bundledOutput);
  });

  it('in an application compiled and minified by SWC', async () => {
    expect(await printedBy(await webpack('./main.ts', 'swcMinify'))).toEqual(bundledOutput);
  });

  it('in an application bundled and minified by ncc', async () => {
    const ncc = join('node_modules', '@vercel', 'ncc', 'dist', 'ncc', 'cli.js');
    const printed = await node(ncc, 'build', 'main.mjs', '--minify', '--out', 'ncc');
    // When the minifier fails, ncc only prints this and writes the code as it is.
    expect(printed).not.toContain('will not be minified');
    expect(await printedBy(join('ncc', 'index.mjs'))).toEqual(bundledOutput);
  });
});
