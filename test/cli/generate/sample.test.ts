import { spawnSync } from 'node:child_process';
import { cpSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../../support/workspace.js';
import { runCli } from '../command-line.js';

const root = resolve(import.meta.dirname, '../../..');
const sample = join(root, 'sample/03-request-context');

/** Compiles a copy of the sample as its build does. */
function build(copy: string): { status: number | null; stdout: string } {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  return spawnSync(process.execPath, [tsc, '--noEmit', '--pretty', 'false'], {
    cwd: copy,
    encoding: 'utf8',
  });
}

it('the types of sample/03-request-context are up to date', async () => {
  expect(
    await runCli(['generate', '--datadir', 'workspace', '--check'], { cwd: sample }),
  ).toMatchObject({
    code: 0,
    stdout: '',
  });
});

it('a key that is removed from the workspace breaks the build of a sample where the key is read', async () => {
  const copy = temporaryDirectory();
  onTestFinished(() => rmSync(copy, { recursive: true }));
  cpSync(sample, copy, { recursive: true, filter: (path) => !/node_modules|dist$/.test(path) });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  expect(build(copy)).toMatchObject({ status: 0, stdout: '' });
  rmSync(join(copy, 'workspace/feature-flags/shop.open.json'));
  await runCli(['generate', '--datadir', 'workspace'], { cwd: copy });
  const { status, stdout } = build(copy);
  expect(status).not.toBe(0);
  expect(stdout).toMatch(
    /^src\/shop-open\.guard\.ts\(\d+,\d+\): error TS2345: Argument of type '"shop\.open"' is not assignable to parameter of type/,
  );
}, 120_000);
