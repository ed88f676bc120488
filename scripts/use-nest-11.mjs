// Switches a copy of the checkout to Nest 11: rewrites the versions in its package.json files and
// deletes the lock file. Usage: node use-nest-11.mjs <folder of the copy>
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Nest packages whose version for Nest 11 is not 11. */
const others = {
  '@nestjs/event-emitter': '^3.0.0',
  '@nestjs/graphql': '^13.0.0',
  '@nestjs/mercurius': '^13.0.0',
};

const root = process.argv[2];
if (!root || existsSync(join(root, '.git')))
  throw new Error('Usage: node use-nest-11.mjs <folder of a copy>');

const samples = readdirSync(join(root, 'sample')).map((name) => join('sample', name));
for (const folder of ['.', ...samples]) {
  const file = join(root, folder, 'package.json');
  if (!existsSync(file)) continue;
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  for (const dependencies of [manifest.dependencies, manifest.devDependencies]) {
    for (const name of Object.keys(dependencies ?? {})) {
      if (name.startsWith('@nestjs/')) dependencies[name] = others[name] ?? '^11.0.0';
    }
  }
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
}
rmSync(join(root, 'package-lock.json'), { force: true });
