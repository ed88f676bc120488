import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { npmInstall, pack, run } from './command.mjs';

const caches = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
/** Outside of the checkout, whose node_modules an application must not find. */
export const cache = join(caches, 'nestjs-quonfig-matrix');
mkdirSync(cache, { recursive: true });

/** After this time, the newest versions are installed again. */
const CACHE_MS = 7 * 24 * 3_600_000;

/** What the cells share: the tarball, runtimes, tools and installed projects. Each is made once per run. */
export class Lab {
  #made = new Map();
  #temporary = [];

  /** @param {{ fresh: boolean }} options `fresh`: empties the cache first */
  static async open({ fresh }) {
    const start = join(cache, 'start');
    const age = existsSync(start) ? Date.now() - (await stat(start)).mtimeMs : Infinity;
    if (fresh || age > CACHE_MS) {
      await empty(cache);
      await writeFile(start, '');
    }
    const lab = new Lab();
    lab.tarball = await keep(await pack(await lab.temporary('quonfig-tarball-')));
    return lab;
  }

  async close() {
    for (const folder of this.#temporary) {
      await run('chmod', ['-R', 'u+w', folder], { cwd: folder });
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Calls `make` the first time; later calls get the same promise. */
  once(name, make) {
    if (!this.#made.has(name)) this.#made.set(name, make());
    return this.#made.get(name);
  }

  /** The path of a folder in the cache. */
  path(name) {
    return join(cache, name);
  }

  /** A folder outside of the cache, which `close` removes. */
  async temporary(prefix) {
    const folder = await mkdtemp(join(tmpdir(), prefix));
    this.#temporary.push(folder);
    return folder;
  }

  /** A folder with these packages of the registry, whose install scripts run. */
  tools(name, packages) {
    return this.once(name, () =>
      this.#installed(name, { packages }, async (folder) => {
        const options = ['--no-audit', '--no-fund', '--loglevel=error'];
        await run('npm', ['install', ...options, ...packages], { cwd: folder });
      }),
    );
  }

  /** A folder with these packages and the tarball. */
  project(name, packages) {
    return this.once(name, async () => {
      const folder = await this.#installed(name, { packages }, (made) =>
        npmInstall(made, packages),
      );
      await unlessDone(join(folder, 'tarball.json'), this.tarball, () =>
        npmInstall(folder, [this.tarball]),
      );
      return folder;
    });
  }

  /** The executable of a major version of Node, or of the newest. */
  async node(version) {
    const tag = version === 'newest' ? 'latest' : version;
    const folder = await this.tools(`node-${version}`, [`node@${tag}`]);
    return join(folder, 'node_modules', 'node', 'bin', 'node');
  }

  async #installed(name, wanted, install) {
    const folder = this.path(name);
    await unlessDone(join(folder, 'installed.json'), wanted, async () => {
      await empty(folder);
      await writeFile(join(folder, 'package.json'), '{ "private": true }');
      await install(folder);
    });
    return folder;
  }
}

/** Makes the folder, or empties it; returns it. */
export async function empty(folder) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Acts unless it has acted before with the same input, as the file records. */
async function unlessDone(file, input, act) {
  const text = JSON.stringify(input);
  if ((await readFile(file, 'utf8').catch(() => undefined)) === text) return;
  await act();
  await writeFile(file, text);
}

/** Copies the tarball to a name that changes with its content, since npm trusts a known path. */
async function keep(tarball) {
  const hash = createHash('sha256').update(await readFile(tarball));
  const kept = join(cache, `nestjs-quonfig-${hash.digest('hex').slice(0, 16)}.tgz`);
  await cp(tarball, kept);
  return kept;
}
