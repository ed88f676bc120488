import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './page.js';

const run = promisify(execFile);

const tsconfig = {
  compilerOptions: {
    target: 'ES2022',
    module: 'NodeNext',
    types: ['node'],
    rootDir: 'src',
    outDir: 'dist',
    strict: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    skipLibCheck: true,
  },
  include: ['src'],
};

export interface Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** The project of a user who copies the examples. Its node_modules has the built package and its peers. */
export class Project {
  static async create(files: ReadonlyMap<string, string>): Promise<Project> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'quonfig-docs-')));
    const project = new Project(folder);
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
    await project.write('package.json', '{ "private": true, "type": "module" }');
    await project.write('tsconfig.json', JSON.stringify(tsconfig));
    for (const [name, text] of files) await project.write(name, text);
    return project;
  }

  private constructor(readonly folder: string) {}

  async write(name: string, text: string): Promise<void> {
    const path = join(this.folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }

  /** Compiles `src` to `dist` and returns the diagnostics. */
  async compile(): Promise<Diagnostic[]> {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const printed = await run(process.execPath, [tsc, '--pretty', 'false'], { cwd: this.folder })
      .then(({ stdout }) => stdout)
      .catch(({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr);
    return printed.split('\n').filter(Boolean).map(diagnostic);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

function diagnostic(text: string): Diagnostic {
  const [, file = '', line = '0', rest = text] = /^(\S+)\((\d+),\d+\): (.*)$/.exec(text) ?? [];
  return { file, line: Number(line), text: rest };
}
