import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Whether `node_modules` holds what `package-lock.json` asks for. npm writes the tree it installed
 * to `node_modules/.package-lock.json` as its last act, so an interrupted install counts as none.
 * Packages beyond the lock file are welcome (`npm install --no-save node@22`).
 */
export function isInstalled(root) {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  if (!wanted)
    throw new Error(`No readable package-lock.json in ${root}. Check the file out again.`);
  const found = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  return found !== undefined && Object.keys(wanted).every((path) => corresponds(path));

  function corresponds(path) {
    if (!path.startsWith('node_modules/')) return true;
    const want = wanted[path];
    const have = found[path];
    // Optional packages are missing where they do not fit the platform.
    if (!have) return want.optional === true || want.devOptional === true;
    return (
      want.version === have.version &&
      want.integrity === have.integrity &&
      want.link === have.link &&
      existsSync(join(root, path, 'package.json'))
    );
  }
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
