import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, writeFiles } from './command.mjs';
import { applicationFiles } from './application.mjs';

/** @param {string | number} major of Nest */
export const cliPackages = (major) => [`@nestjs/cli@${major}`, `@nestjs/schematics@${major}`];

/**
 * Generates an application with `nest new`.
 *
 * @param {string} cli a folder in which `cliPackages` are installed
 * @param {string} folder an empty folder
 */
export async function nestNew(cli, folder) {
  const options = ['--skip-git', '--skip-install', '--package-manager', 'npm'];
  const args = ['new', 'application', '--directory', '.', ...options];
  await run(join(cli, 'node_modules', '.bin', 'nest'), args, { cwd: folder });
}

/** Does what `nest new` of Nest 12 does after the answer CommonJS, for which it has no option. */
async function nestNewInCommonJs(cli, folder) {
  const options = ['--name=application', '--directory=.', '--package-manager=npm', '--type=cjs'];
  const schematics = join(cli, 'node_modules', '.bin', 'schematics');
  await run(schematics, ['@nestjs/schematics:application', ...options], { cwd: folder });
}

/**
 * Generates an application, replaces its source, and changes what the compiler needs.
 *
 * @param {string} cli as above
 * @param {string} folder an empty folder
 * @param {{ nest: string, module: string, typescript: string }} cell
 */
export async function generateApplication(cli, folder, { nest, module, typescript }) {
  if (nest === '12' && module === 'cjs') await nestNewInCommonJs(cli, folder);
  else await nestNew(cli, folder);
  await writeFiles(folder, applicationFiles(module === 'esm' ? '.js' : ''));
  await edit(join(folder, 'package.json'), (manifest) => {
    // Nest 11 generates CommonJS; this line is what makes it an ES module.
    if (module === 'esm') manifest.type = 'module';
  });
  await edit(join(folder, 'tsconfig.json'), ({ compilerOptions }) => {
    // The test runner of `nest new` is not installed.
    compilerOptions.types = ['node'];
    if (typescript === '5.4') supportTypescript54(compilerOptions, module);
    if (typescript === 'newest') supportTypescript7(compilerOptions);
  });
}

function supportTypescript54(compilerOptions, module) {
  compilerOptions.target = 'ES2022';
  if (module === 'esm') return;
  // Before 5.8, it refuses to import an ES module from CommonJS with `nodenext`.
  Object.assign(compilerOptions, { module: 'commonjs', moduleResolution: 'node10' });
  delete compilerOptions.resolvePackageJsonExports;
}

/** What `nest new` of Nest 11 generates needs these changes in any application. */
function supportTypescript7(compilerOptions) {
  delete compilerOptions.baseUrl;
  compilerOptions.rootDir ??= './src';
}

async function edit(file, change) {
  const content = JSON.parse(await readFile(file, 'utf8'));
  change(content);
  await writeFile(file, JSON.stringify(content, null, 2));
}
