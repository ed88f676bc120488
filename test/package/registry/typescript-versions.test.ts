import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Consumer, pack } from '../consumer.js';
import { strictPrograms, strictProjects } from '../typed-programs.js';

/** Every program under `node16`, and most of them under `bundler`: `npm test` has the other combinations. */
const projects = strictProjects.filter(
  (project) => project.endsWith('.node16.json') || project === 'programs/tsconfig.bundler.json',
);
/** `.ci/run` checks these only with the argument `full`. */
const between = process.env['SHORT_RUN'] === undefined ? ['5.5', '5.6', '5.7', '5.8', '5.9'] : [];
const packageOf = (version: string): string => `typescript-${version}`;

let folder: string;
let tarball: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quonfig-tarball-'));
  tarball = await pack(folder);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each([
  { major: 11, versions: ['5.4', 'latest'] },
  { major: 12, versions: ['5.4', ...between, '6.0', 'latest'] },
])('the types of the tarball with the latest Nest $major', ({ major, versions }) => {
  let consumer: Consumer;

  beforeAll(async () => {
    consumer = await Consumer.create(strictPrograms);
    const nest = ['common', 'core'].map((name) => `@nestjs/${name}@${major}`);
    const peers = ['rxjs@7', 'reflect-metadata@0.2', 'prom-client@15', 'undici@latest'];
    const compilers = versions.map((version) => `${packageOf(version)}@npm:typescript@${version}`);
    await consumer.install([tarball, ...nest, ...peers, '@types/node@20', ...compilers]);
  });

  afterAll(() => consumer.remove());

  it.each(versions)('TypeScript %s compiles the strictest programs', async (version) => {
    const failures: unknown[] = [];
    for (const project of projects) {
      await consumer.compile(packageOf(version), project).catch((error) => failures.push(error));
    }
    expect(failures).toEqual([]);
  });
});
