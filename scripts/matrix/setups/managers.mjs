import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, writeFiles } from '../command.mjs';
import { empty } from '../lab.mjs';
import { generateApplication } from '../nest-new.mjs';
import { dependenciesOf, installed, typescriptOf } from './installed.mjs';

/** Installed by pnpm: only declared packages can be imported, and a peer that is missing or does not fit is an error. */
export async function pnpm(lab, cell) {
  const settings = {
    'pnpm-workspace.yaml': 'strictPeerDependencies: true\nautoInstallPeers: false\n',
  };
  const folder = await lab.once(`pnpm-${cell.nest}`, async () => {
    const tool = await lab.tools('pnpm', ['pnpm@12']);
    const program = join(tool, 'node_modules', '.bin', 'pnpm');
    const made = await generated(lab, cell, `pnpm-${cell.nest}`, settings);
    await run(program, ['install', '--prefer-offline'], { cwd: made });
    await run(program, ['exec', 'tsc', '-p', 'tsconfig.build.json'], { cwd: made });
    return made;
  });
  return { file: await lab.node(cell.node), args: ['dist/main.js'], cwd: folder };
}

/** Installed by Yarn without a node_modules: only declared packages can be imported. */
export async function yarnPnp(lab, cell) {
  const folder = await lab.once(`yarn-${cell.nest}`, async () => {
    const tool = await lab.tools('yarn', ['@yarnpkg/cli-dist@4']);
    const program = join(tool, 'node_modules', '@yarnpkg', 'cli-dist', 'bin', 'yarn.js');
    const made = await generated(lab, cell, `yarn-${cell.nest}`, {
      '.yarnrc.yml': 'nodeLinker: pnp\npnpMode: strict\nenableTelemetry: false\n',
      'yarn.lock': '',
    });
    // Yarn does not read the settings of npm.
    const registry = (await run('npm', ['config', 'get', 'registry'], { cwd: made })).trim();
    const env = { YARN_NPM_REGISTRY_SERVER: registry, YARN_ENABLE_IMMUTABLE_INSTALLS: 'false' };
    await run(process.execPath, [program, 'install'], { cwd: made, env });
    const compile = [program, 'run', 'tsc', '-p', 'tsconfig.build.json'];
    await run(process.execPath, compile, { cwd: made, env });
    return made;
  });
  const args = [
    '--require',
    './.pnp.cjs',
    '--experimental-loader',
    './.pnp.loader.mjs',
    'dist/main.js',
  ];
  return { file: await lab.node(cell.node), args, cwd: folder };
}

/** A generated application with a package.json that declares what the application and its compiler import. */
async function generated(lab, cell, name, settings) {
  const cli = await installed(lab, cell);
  const folder = await empty(lab.path(name));
  await generateApplication(cli, folder, cell);
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  manifest.dependencies = {
    ...versions(dependenciesOf(cell.nest)),
    'nestjs-quonfig': `file:${lab.tarball}`,
  };
  manifest.devDependencies = versions([typescriptOf[cell.nest], '@types/node@20']);
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
  await writeFiles(folder, settings);
  return folder;
}

/** `{ name: version }` of `name@version`. */
const versions = (packages) => Object.fromEntries(packages.map(nameAndVersion));

function nameAndVersion(text) {
  const at = text.lastIndexOf('@');
  return [text.slice(0, at), text.slice(at + 1)];
}
