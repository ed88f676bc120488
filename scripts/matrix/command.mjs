import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The variables of this process, without those that would make a project depend on who started it. */
export function cleanEnvironment() {
  const foreign = /^(npm_|VITEST|NODE_ENV|NODE_OPTIONS)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

/**
 * Runs a command; returns its output. A failure carries everything that was printed.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: Record<string, string> }} options `env`: further variables
 * @returns {Promise<string>}
 */
export async function run(file, args, { cwd, env = {} }) {
  const options = { cwd, env: { ...cleanEnvironment(), ...env }, maxBuffer: 2 ** 26 };
  try {
    return (await execute(file, args, { ...options, timeout: 240_000 })).stdout;
  } catch (error) {
    const printed = `${error.stdout ?? ''}\n${error.stderr ?? ''}`;
    throw new Error(`${file} ${args.join(' ')} failed:\n${printed}`, { cause: error });
  }
}

/**
 * Installs packages and tarballs from the npm registry.
 *
 * @param {string} folder
 * @param {readonly string[]} [packages] Default: those of the folder's package.json.
 */
export async function npmInstall(folder, packages = []) {
  const args = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  await run('npm', [...args, '--loglevel=error', ...packages], { cwd: folder });
}

/**
 * Builds and packs the package as `npm publish` would.
 *
 * @param {string} folder an empty folder
 * @returns {Promise<string>} the path of the tarball
 */
export async function pack(folder) {
  await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root });
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error(`npm pack left no tarball in ${folder}`);
  return join(folder, tarball);
}

/**
 * @param {string} folder
 * @param {Record<string, string>} files contents by name
 */
export async function writeFiles(folder, files) {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}
