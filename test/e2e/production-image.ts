import { execFile } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { chmod, copyFile, cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../docs/page.js';
import { Child } from '../support/child-process.js';

const run = promisify(execFile);
export const sample = join(root, 'sample', '08-production');

/** The instructions of the last stage of the Dockerfile, which makes the image. */
const dockerfile = readFileSync(join(sample, 'Dockerfile'), 'utf8')
  .split(/^FROM /m)
  .at(-1)!
  .split('\n')
  .flatMap((line) => {
    const [, name, value] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, value: value! }];
  });

/** The value of an instruction that occurs once. */
export function instruction(name: string): string {
  const values = dockerfile.filter((each) => each.name === name).map(({ value }) => value);
  if (values.length !== 1) throw new Error(`The image has ${values.length} instructions ${name}.`);
  return values[0]!;
}

/** What the last stage of the Dockerfile copies, in a folder that nobody may write to, with the Node of this process. */
export class ProductionImage {
  static async create(): Promise<ProductionImage> {
    const folder = realpathSync(await mkdtemp(join(tmpdir(), 'quonfig-image-')));
    await chmod(folder, 0o755);
    const image = new ProductionImage(folder);
    await mkdir(image.app);
    await copyFile(process.execPath, image.node);
    for (const { value } of dockerfile.filter(({ name }) => name === 'COPY')) {
      const [, source, target] = /^--from=build \/app\/(\S+) \.\/(\S+)$/.exec(value) ?? [];
      if (source === undefined || source !== target) throw new Error(`No test can copy ${value}`);
      await image.copy(source);
    }
    await run('chmod', ['-R', 'a-w,a+rX', image.app]);
    return image;
  }

  private constructor(readonly folder: string) {}

  get app(): string {
    return join(this.folder, 'app');
  }

  private get node(): string {
    return join(this.folder, 'node');
  }

  /** Runs the command of the image with these variables alone, as a user without a name and without a home. */
  start(env: Record<string, string>): Child {
    const [command, ...args] = JSON.parse(instruction('CMD')) as string[];
    if (command !== 'node') throw new Error(`No test can run ${command}.`);
    const [name, value] = instruction('ENV').split('=');
    const variables = Object.entries({ [name!]: value!, ...env });
    const given = ['-i', ...variables.map(([key, text]) => `${key}=${text}`), this.node, ...args];
    const asRoot = process.getuid?.() === 0;
    const uid = 100_000 + Math.floor(Math.random() * 1_000_000);
    return Child.start('env', given, { cwd: this.app, ...(asRoot && { uid }) });
  }

  async remove(): Promise<void> {
    await run('chmod', ['-R', 'u+w', this.folder]);
    await rm(this.folder, { recursive: true, force: true });
  }

  private async copy(name: string): Promise<void> {
    const target = join(this.app, name);
    if (name === 'package.json') return copyFile(join(sample, name), target);
    if (name === 'node_modules') return copyPackages(target);
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    if (name !== 'dist') throw new Error(`No test can build ${name}.`);
    await run(process.execPath, [tsc, '-p', sample, '--outDir', target]);
  }
}

interface Manifest {
  readonly dependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly peerDependenciesMeta?: Record<string, { readonly optional?: boolean }>;
}

/** Copies what `npm install --omit=dev` installs for the sample. */
async function copyPackages(target: string): Promise<void> {
  const homes = new Set<string>();
  const visit = (home: string): void => {
    const text = readFileSync(join(home, 'package.json'), 'utf8');
    const { dependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(text) as Manifest;
    for (const name of Object.keys({ ...peerDependencies, ...dependencies })) {
      const optional = dependencies?.[name] === undefined && peerDependenciesMeta?.[name]?.optional;
      const found = optional ? undefined : packageFrom(home, name);
      if (found === undefined || homes.has(found)) continue;
      homes.add(found);
      visit(realpathSync(found));
    }
  };
  visit(sample);
  const modules = join(root, 'node_modules');
  for (const home of homes) {
    if (home === join(modules, 'nestjs-quonfig')) {
      const own = join(target, 'nestjs-quonfig');
      await cp(join(root, 'dist'), join(own, 'dist'), { recursive: true });
      await copyFile(join(root, 'package.json'), join(own, 'package.json'));
    } else {
      await cp(home, join(target, relative(modules, home)), { recursive: true });
    }
  }
}

/** The folder of a package as Node finds it from another one. */
function packageFrom(home: string, name: string): string {
  for (let at = home; at.startsWith(root.replace(/[\\/]$/, '')); at = dirname(at)) {
    const found = join(at, 'node_modules', name);
    if (existsSync(found)) return found;
  }
  throw new Error(`${name} is not installed, but ${home} needs it.`);
}
