import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Whether `node_modules` matches `package-lock.json`. npm writes the installed tree to
 * `node_modules/.package-lock.json` last, so an interrupted install never matches.
 * Additional packages are fine (`npm install --no-save node@22`).
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
    // Optional packages are absent on platforms that they do not support.
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
