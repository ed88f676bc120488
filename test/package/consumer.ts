import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { npmInstall, pack, root, run, writeFiles } from '../../scripts/matrix/command.mjs';
import { workspaceOf } from '../../scripts/matrix/workspace.mjs';

export { pack, root };

/** A workspace directory with one flag, `greeting`, a string that targets `user.key` "anna". */
export const workspaceFiles: Record<string, string> = workspaceOf();

export async function unpack(tarball: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await run('tar', ['-xzf', tarball, '--strip-components=1'], { cwd: folder });
}

/** A project that uses the package. */
export class Consumer {
  static async create(files: Record<string, string>): Promise<Consumer> {
    const consumer = new Consumer(await mkdtemp(join(tmpdir(), 'quonfig-consumer-')));
    await consumer.write(files);
    return consumer;
  }

  private constructor(readonly path: string) {}

  write(files: Record<string, string>): Promise<void> {
    return writeFiles(this.path, files);
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
  install(packages: string[]): Promise<void> {
    return npmInstall(this.path, packages);
  }

  /** Runs a command in the project; returns its output. A failure carries everything that was printed. */
  run(file: string, args: string[]): Promise<string> {
    return run(file, args, { cwd: this.path });
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
