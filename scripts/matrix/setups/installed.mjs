import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { empty } from '../lab.mjs';
import { cliPackages, generateApplication } from '../nest-new.mjs';

const nestPackages = ['common', 'core', 'platform-express', 'platform-fastify'];

/** What an application depends on, and nothing that this package needs only for some of its parts. */
export const dependenciesOf = (nest) => [
  ...nestPackages.map((name) => `@nestjs/${name}@${nest}`),
  'reflect-metadata@0.2',
  'rxjs@7',
];

/** The TypeScript of `nest new`. */
export const typescriptOf = { 11: 'typescript@5', 12: 'typescript@6' };

/** An installed project for applications on that major version of Nest; applications are its subfolders. */
export function installed(lab, { nest }) {
  return lab.project(`nest-${nest}`, [
    ...dependenciesOf(nest),
    ...cliPackages(nest),
    typescriptOf[nest],
    'typescript-5.4@npm:typescript@5.4',
    'typescript-newest@npm:typescript@latest',
    '@types/node@20',
  ]);
}

/** A generated application below an installed project. */
export function application(lab, project, cell, name) {
  return lab.once(`${project}/${name}`, async () => {
    const folder = await empty(join(project, name));
    await generateApplication(project, folder, cell);
    // Some builders look for it beside package.json only.
    await symlink(join(project, 'node_modules'), join(folder, 'node_modules'), 'junction');
    return folder;
  });
}
