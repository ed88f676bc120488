import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Builds and packs the package as `npm publish` would, into that folder; returns the tarball's path. */
export async function pack(folder: string): Promise<string> {
  await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root });
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error(`npm pack left no tarball in ${folder}`);
  return join(folder, tarball);
}

export async function unpack(tarball: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
}

/** A project that uses the package. */
export class Consumer {
  static async create(files: Record<string, string>): Promise<Consumer> {
    const consumer = new Consumer(await mkdtemp(join(tmpdir(), 'quonfig-consumer-')));
    await consumer.write(files);
    return consumer;
  }

  private constructor(readonly path: string) {}

  async write(files: Record<string, string>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(this.path, name)), { recursive: true });
      await writeFile(join(this.path, name), text);
    }
  }

  /**
   * Unpacks the tarball into node_modules and links exactly the packages that its package.json
   * requires. They come from this checkout, so no network is needed.
   */
  async link(tarball: string, extra: string[] = []): Promise<void> {
    const modules = join(this.path, 'node_modules');
    const home = join(modules, 'nestjs-quonfig');
    await unpack(tarball, home);
    const manifest = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as {
      dependencies: object;
      peerDependencies: object;
      peerDependenciesMeta: Record<string, { optional?: boolean }>;
    };
    const declared = { ...manifest.dependencies, ...manifest.peerDependencies };
    const needed = Object.keys(declared).filter(
      (name) => !manifest.peerDependenciesMeta[name]?.optional,
    );
    for (const name of [...needed, ...extra]) {
      await mkdir(dirname(join(modules, name)), { recursive: true });
      await symlink(join(root, 'node_modules', name), join(modules, name), 'junction');
    }
  }

  read(name: string): Promise<string> {
    return readFile(join(this.path, name), 'utf8');
  }

  /** Installs tarballs, and packages from the registry. */
  async install(packages: string[]): Promise<void> {
    const args = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
    await this.run('npm', [...args, '--loglevel=error', ...packages]);
  }

  /** Runs a command in the project; returns its output. A failure carries everything that was printed. */
  async run(file: string, args: string[]): Promise<string> {
    const env = { ...process.env };
    // Isolates the project from the npm and vitest that run this test.
    for (const name of Object.keys(env)) {
      if (/^(npm_|VITEST|NODE_ENV|NODE_OPTIONS)/.test(name)) delete env[name];
    }
    try {
      return (await run(file, args, { cwd: this.path, env, timeout: 240_000 })).stdout;
    } catch (error) {
      const { stdout, stderr } = error as { stdout?: string; stderr?: string };
      throw new Error(`${file} ${args.join(' ')} failed:\n${stdout}\n${stderr}`, { cause: error });
    }
  }

  /**
   * Compiles a project; fails with what the compiler prints.
   *
   * @param compiler package of TypeScript, below the node_modules of this checkout or of the project
   */
  async compile(compiler: string, project: string): Promise<void> {
    const own = join(this.path, 'node_modules', compiler);
    const home = existsSync(own) ? own : join(root, 'node_modules', compiler);
    await this.run(process.execPath, [join(home, 'bin', 'tsc'), '-p', project]);
  }

  /** Runs a script of the project; returns the greetings in its output. */
  async greetings(script: string): Promise<string[]> {
    const printed = await this.run(process.execPath, [script]);
    return printed.split('\n').filter((line) => /(^|: )Hello/.test(line));
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

/** A workspace directory with one flag, `greeting`, a string that targets `user.key` "anna". */
export const workspaceFiles: Record<string, string> = {
  'workspace/quonfig.json': '{ "workspace": "consumer", "environments": ["production"] }',
  'workspace/configs/greeting.json': JSON.stringify({
    key: 'greeting',
    type: 'config',
    valueType: 'string',
    default: {
      rules: [
        {
          criteria: [
            {
              operator: 'PROP_IS_ONE_OF',
              propertyName: 'user.key',
              valueToMatch: { type: 'string_list', value: ['anna'] },
            },
          ],
          value: { type: 'string', value: 'Hello Anna' },
        },
        {
          criteria: [{ operator: 'ALWAYS_TRUE' }],
          value: { type: 'string', value: 'Hello' },
        },
      ],
    },
    environments: [],
  }),
};
