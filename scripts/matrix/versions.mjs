import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dimensions } from './cells.mjs';

/** Where the version of each part is read, if a cell installed it. */
const sources = {
  'Nest 11': ['nest-11', '@nestjs/core'],
  'Nest 12': ['nest-12', '@nestjs/core'],
  Express: ['nest-12', 'express'],
  Fastify: ['nest-12', 'fastify'],
  'TypeScript 5.4': ['nest-12', 'typescript-5.4'],
  'TypeScript newest': ['nest-12', 'typescript-newest'],
  ...Object.fromEntries(dimensions.node.map((node) => [`Node ${node}`, [`node-${node}`, 'node']])),
  pnpm: ['pnpm', 'pnpm'],
  Yarn: ['yarn', '@yarnpkg/cli-dist'],
  Bun: ['bun', 'bun'],
  Deno: ['deno', 'deno'],
};

/**
 * The installed versions by part.
 *
 * @returns {Promise<Record<string, string | undefined>>}
 */
export async function versionsIn(lab) {
  const versions = {};
  for (const [part, [folder, name]] of Object.entries(sources)) {
    const file = join(lab.path(folder), 'node_modules', name, 'package.json');
    const text = await readFile(file, 'utf8').catch(() => undefined);
    versions[part] = text === undefined ? undefined : JSON.parse(text).version;
  }
  return versions;
}
