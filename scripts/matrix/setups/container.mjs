import { constants, copyFile, cp } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../command.mjs';
import { dependenciesOf } from './installed.mjs';
import { compiled } from './tsc.mjs';

/**
 * As an image runs: read-only files, no home, no folder for temporary files, and a user that no file names. Only root can
 * change the user; else it is the current one, who may not write to the files either.
 */
export async function container(lab, cell) {
  const folder = await lab.once(`image ${cell.nest}`, () => image(lab, cell));
  return {
    file: join(folder, 'node'),
    args: ['dist/main.js'],
    cwd: folder,
    env: { HOME: undefined, USER: undefined, TMPDIR: '/nonexistent', XDG_CACHE_HOME: undefined },
    ...(process.getuid?.() === 0 && { uid: 100_000 + Math.floor(Math.random() * 100_000) }),
  };
}

/** What a Dockerfile copies: Node, the compiled application and its dependencies. Everybody may read it, nobody write. */
async function image(lab, cell) {
  const project = await lab.project(`container-${cell.nest}`, dependenciesOf(cell.nest));
  const source = await compiled(lab, cell);
  const folder = await lab.temporary('quonfig-image-');
  await copyFile(await lab.node(cell.node), join(folder, 'node'), constants.COPYFILE_FICLONE);
  await cp(join(project, 'node_modules'), join(folder, 'node_modules'), { recursive: true });
  await cp(join(source, 'dist'), join(folder, 'dist'), { recursive: true });
  await copyFile(join(source, 'package.json'), join(folder, 'package.json'));
  await run('chmod', ['-R', 'a+rX,a-w', folder], { cwd: folder });
  return folder;
}
