import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryDirectory } from '../support/workspace.js';

const root = resolve(import.meta.dirname, '../..');

/** Returns what the compiler reports about a program that uses the built package; empty if there are no errors. */
export function compile(program: string, more: Record<string, unknown> = {}): string {
  const directory = temporaryDirectory();
  onTestFinished(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, 'src'));
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(directory, 'src/program.ts'), program);
  const options = {
    target: 'ES2022',
    module: 'NodeNext',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    experimentalDecorators: true,
    types: [],
    ...more,
    paths: { 'nestjs-quonfig': [join(root, 'dist/index.d.ts')] },
  };
  writeFileSync(
    join(directory, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, include: ['src'] }),
  );
  const tsc = join(root, 'node_modules/.bin/tsc');
  const { status, stdout, stderr } = spawnSync(tsc, ['-p', directory], { encoding: 'utf8' });
  return status === 0 ? '' : `exit code ${status}\n${stdout}${stderr}`;
}
