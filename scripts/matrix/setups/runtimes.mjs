import { join } from 'node:path';
import { application, installed } from './installed.mjs';

/** Run by Bun, which compiles the source itself. */
export async function bun(lab, cell) {
  const tool = await lab.tools('bun', ['bun@1']);
  const cwd = await source(lab, cell);
  return { file: join(tool, 'node_modules', 'bun', 'bin', 'bun.exe'), args: ['src/main.ts'], cwd };
}

/** Run by Deno, which compiles the source itself. */
export async function deno(lab, cell) {
  const tool = await lab.tools('deno', ['deno@2']);
  const args = [
    'run',
    '--allow-all',
    '--node-modules-dir=manual',
    '--sloppy-imports',
    'src/main.ts',
  ];
  return { file: join(tool, 'node_modules', '.bin', 'deno'), args, cwd: await source(lab, cell) };
}

async function source(lab, { nest, typescript }) {
  const project = await installed(lab, { nest });
  return application(lab, project, { nest, module: 'esm', typescript }, 'source');
}
