import { join } from 'node:path';
import { run } from '../command.mjs';
import { application, installed } from './installed.mjs';

/** Compiled by `tsc`, run by Node. */
export async function tsc(lab, cell) {
  return {
    file: await lab.node(cell.node),
    args: ['dist/main.js'],
    cwd: await compiled(lab, cell),
  };
}

/** A folder with the compiled application. */
export async function compiled(lab, { nest, module, typescript }) {
  const project = await installed(lab, { nest });
  const compiler = typescript === 'own' ? 'typescript' : `typescript-${typescript}`;
  const name = `${module}-${compiler}`;
  return lab.once(`compile ${project} ${name}`, async () => {
    const folder = await application(lab, project, { nest, module, typescript }, name);
    const program = join(project, 'node_modules', compiler, 'bin', 'tsc');
    await run(process.execPath, [program, '-p', 'tsconfig.build.json'], { cwd: folder });
    return folder;
  });
}
