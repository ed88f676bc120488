import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Child } from './child-process.js';
import { freePort } from './free-port.js';

const DEBIAN = '/usr/lib/postgresql';
const NOBODY = 65_534;
const READY = /database system is ready to accept connections/;

const programs = folderOfPrograms();

/** Whether PostgreSQL is installed. CI installs it. */
export const hasPostgres = programs !== undefined || process.env['CI'] === 'true';

/** A PostgreSQL server on the loopback interface, with an empty database. */
export class PostgresServer {
  private constructor(
    private readonly port: number,
    private readonly folder: string,
    private child: Child,
  ) {}

  /** Starts a server that ends with the test. */
  static async start(): Promise<PostgresServer> {
    const folder = mkdtempSync(join(tmpdir(), 'quonfig-postgres-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    // PostgreSQL refuses to run as root.
    if (process.geteuid?.() === 0) chownSync(folder, NOBODY, NOBODY);
    const options = ['--username=quonfig', '--auth=trust', '--no-sync', '--no-locale'];
    const init = run('initdb', [`--pgdata=${folder}`, '--encoding=UTF8', ...options]);
    if ((await init.ended).code !== 0) throw new Error(init.output);
    const port = await freePort();
    const server = new PostgresServer(port, folder, serve(folder, port));
    onTestFinished(() => server.kill());
    await server.child.printed(READY);
    return server;
  }

  get url(): string {
    return `postgres://quonfig:hunter2@127.0.0.1:${this.port}/postgres`;
  }

  /** Ends it as a crash of the machine does. */
  async kill(): Promise<void> {
    this.child.kill('SIGQUIT');
    await this.child.ended;
  }

  /** Starts it again on the same port, with its data. */
  async restart(): Promise<void> {
    this.child = serve(this.folder, this.port);
    await this.child.printed(READY);
  }
}

function serve(folder: string, port: number): Child {
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off'];
  const args = settings.flatMap((setting) => ['-c', setting]);
  return run('postgres', ['-D', folder, '-p', String(port), ...args]);
}

function run(program: string, args: readonly string[]): Child {
  const user = process.geteuid?.() === 0 ? { uid: NOBODY } : {};
  return Child.start(join(programs ?? DEBIAN, program), args, { ...user, cwd: tmpdir() });
}

/** Debian keeps the programs of each major version in a folder of its own, which is not in the path. */
function folderOfPrograms(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort() : [];
  return versions
    .map((version) => join(DEBIAN, version, 'bin'))
    .findLast((folder) => existsSync(join(folder, 'postgres')));
}
