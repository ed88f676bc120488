import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Child } from '../support/child-process.js';
import type { Block } from './page.js';
import { Project } from './typescript.js';

const run = promisify(execFile);

/** Makes the server listen on a free loopback port and send its number to the parent. */
const preload = `import { Server } from 'node:net';
const { listen } = Server.prototype;
Server.prototype.listen = function (...args) {
  this.once('listening', () => process.send(this.address().port));
  return listen.call(this, 0, '127.0.0.1', ...args.filter((arg) => typeof arg === 'function'));
};
`;

/** The application made of the named files of one section. */
export class Application {
  static async create(blocks: readonly Block[]): Promise<Application> {
    const files = new Map(blocks.map(({ file, code }) => [file!, `${code}\n`]));
    return new Application(await Project.create(files.set('preload.mjs', preload)));
  }

  private server: Child | undefined;
  private port = 0;

  private constructor(private readonly project: Project) {}

  async compile(): Promise<string[]> {
    const diagnostics = await this.project.compile();
    return diagnostics.map(({ file, line, text }) => `${file}:${line}: ${text}`);
  }

  /** Replaces a string that must be in a file. */
  async edit(file: string, from: string, to: string): Promise<void> {
    const text = await readFile(join(this.project.folder, file), 'utf8');
    if (!text.includes(from)) throw new Error(`${file} does not contain "${from}".`);
    await this.project.write(file, text.replace(from, to));
  }

  /** The output of a command: `curl` requests from the running application, `node` runs a file. */
  async print(command: string): Promise<string> {
    const [program, ...args] = command.replaceAll("'", '').split(' ');
    if (program === 'node') return this.runFile(args);
    if (program !== 'curl') throw new Error(`No test can run "${command}".`);
    await this.start();
    const { pathname, search } = new URL(`http://${args[0]!}`);
    const response = await fetch(`http://127.0.0.1:${this.port}${pathname}${search}`);
    return response.text();
  }

  async end(): Promise<void> {
    this.server?.kill('SIGTERM');
    await this.server?.ended;
    await this.project.remove();
  }

  private async start(): Promise<void> {
    if (this.server !== undefined) return;
    const { folder } = this.project;
    this.server = Child.start(
      process.execPath,
      ['--import', `file://${folder}/preload.mjs`, join(folder, 'dist', 'main.js')],
      { cwd: folder, messages: true },
    );
    this.port = (await this.server.receive()) as number;
  }

  /** The standard output, without the lines of Nest's logger. */
  private async runFile(args: string[]): Promise<string> {
    const { stdout } = await run(process.execPath, args, {
      cwd: this.project.folder,
      env: { ...process.env, NO_COLOR: '1' },
      timeout: 60_000,
    });
    const lines = stdout.trimEnd().split('\n');
    return lines.filter((line) => !line.startsWith('[Nest]')).join('\n');
  }
}
