import { join } from 'node:path';
import { run, writeFiles } from '../command.mjs';
import { applicationFiles } from '../application.mjs';
import { cliPackages } from '../nest-new.mjs';
import { application, dependenciesOf, typescriptOf } from './installed.mjs';

const builderPackages = {
  rspack: ['@rspack/core@2'],
  swc: ['@swc/cli@0.8', '@swc/core@1'],
  webpack: [
    'webpack@5',
    'webpack-node-externals@3',
    'ts-loader@9',
    'tsconfig-paths-webpack-plugin@4',
    'fork-ts-checker-webpack-plugin@9',
  ],
};

function installed(lab, nest) {
  return lab.project(`builders-${nest}`, [
    ...dependenciesOf(nest),
    ...cliPackages(nest),
    typescriptOf[nest],
    '@types/node@20',
    ...Object.values(builderPackages).flat(),
  ]);
}

const nestIn = (project, folder, args) =>
  run(
    process.execPath,
    [join(project, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js'), ...args],
    {
      cwd: folder,
    },
  );

/** Built by `nest build` with a builder of the Nest CLI. */
export const nestBuild = (builder) => async (lab, cell) => {
  const project = await installed(lab, cell.nest);
  const name = `${builder}-${cell.module}`;
  const folder = await lab.once(`build ${project} ${name}`, async () => {
    const made = await application(lab, project, cell, name);
    await nestIn(project, made, ['build', '--builder', builder]);
    return made;
  });
  return { file: await lab.node(cell.node), args: ['dist/main.js'], cwd: folder };
};

/** An application `shop` and a library `flags` in one repository, as `nest generate` lays them out. */
export async function monorepo(lab, cell) {
  const project = await installed(lab, cell.nest);
  const folder = await lab.once(`build ${project} monorepo`, async () => {
    const made = await application(lab, project, cell, 'monorepo');
    await nestIn(project, made, ['generate', 'app', 'shop']);
    // `nest generate library` asks for the prefix, for which it has no option.
    const library = ['@nestjs/schematics:library', '--name=flags', '--prefix=@app'];
    await run(join(project, 'node_modules', '.bin', 'schematics'), library, { cwd: made });
    await writeFiles(made, monorepoFiles());
    await nestIn(project, made, ['build', 'shop']);
    return made;
  });
  return { file: await lab.node(cell.node), args: ['dist/apps/shop/main.js'], cwd: folder };
}

function monorepoFiles() {
  const files = applicationFiles('');
  return {
    'libs/flags/src/app.controller.ts': files['src/app.controller.ts'],
    'libs/flags/src/app.module.ts': files['src/app.module.ts'],
    'libs/flags/src/index.ts': "export * from './app.module';\n",
    'apps/shop/src/main.ts': files['src/main.ts'].replace('./app.module', '@app/flags'),
  };
}
