import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Report } from './report.js';

/** What the page shows of one process. */
export interface Shown extends Partial<Report> {
  name: string;
  up: boolean;
  stopped: boolean;
}

interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  child?: ChildProcess;
  stopped: boolean;
}

const RESTART_MS = Number(process.env.RESTART_MS ?? 3_000);
/** A process that has not reported for this long is gone. */
const GONE_MS = 1_500;

/** Starts every process of the fleet on this machine, and starts those again that end. */
export class Fleet {
  readonly directory = mkdtempSync(join(tmpdir(), 'quonfig-fleet-'));
  private readonly workspace = join(this.directory, 'workspace');
  private readonly programs = new Map<string, Program>();
  private readonly reports = new Map<string, Report & { at: number }>();
  private closing = false;

  /** @param pageUrl where processes send their reports */
  async start(pageUrl: string): Promise<void> {
    this.createRepository();
    const [service, relay1, relay2, shop, redis] = await freePorts(5);
    // Not secrets: only processes on this machine accept them.
    const keys = { SERVICE_KEY: 'service-key-of-the-demo', RELAY_KEY: 'relay-key-of-the-demo' };
    const hasRedis = isInstalled('redis-server');
    if (hasRedis) {
      this.add('redis', 'redis-server', [
        '--port',
        String(redis),
        '--bind',
        '127.0.0.1',
        '--save',
        '',
      ]);
    }
    const node = (name: string, file: string, port: number, env: Record<string, string>): void => {
      const script = fileURLToPath(new URL(file, import.meta.url));
      const own = { NAME: name, PORT: String(port), PAGE_URL: pageUrl, ...keys };
      this.add(name, process.execPath, [script], { ...own, ...env });
    };
    node('service', 'service.js', service, { WORKSPACE: this.workspace });
    for (const [name, port] of [
      ['relay 1', relay1],
      ['relay 2', relay2],
    ] as const) {
      node(name, 'relay.js', port, {
        SERVICE_URL: url(service),
        SAVED_CONFIGS: join(this.directory, `${name.replace(' ', '-')}.saved`),
        ...(hasRedis && { REDIS_URL: `redis://127.0.0.1:${redis}` }),
      });
    }
    node('shop', 'shop.js', shop, {
      RELAY_URLS: `${url(relay1)},${url(relay2)}`,
      SAVED_CONFIGS: join(this.directory, 'shop.saved'),
    });
    for (const name of this.programs.keys()) this.run(name);
  }

  received(report: Report): void {
    this.reports.set(report.name, { ...report, at: Date.now() });
  }

  shown(): Shown[] {
    const now = Date.now();
    const reported = [...this.reports.values()].filter(({ name }) => !this.programs.has(name));
    const programs = [...this.programs].map(([name, { child, stopped }]): Shown => {
      const report = this.reports.get(name);
      const recent = report !== undefined && now - report.at < GONE_MS;
      return { ...(recent && report), name, up: child !== undefined, stopped };
    });
    const workers = reported
      .filter(({ at }) => now - at < GONE_MS)
      .map((report): Shown => ({ ...report, up: true, stopped: false }));
    return [...programs, ...workers];
  }

  /** Kills a process as a machine that fails does. It starts again a little later. */
  kill(name: string): boolean {
    const pid = this.programs.get(name)?.child?.pid ?? this.workerPid(name);
    if (pid === undefined) return false;
    try {
      return process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
      return false;
    }
  }

  /** Kills a process and keeps it down. */
  stop(name: string): boolean {
    const program = this.programs.get(name);
    if (program === undefined) return false;
    program.stopped = true;
    this.kill(name);
    return true;
  }

  startAgain(name: string): boolean {
    const program = this.programs.get(name);
    if (program === undefined) return false;
    program.stopped = false;
    if (program.child === undefined) this.run(name);
    return true;
  }

  /** Commits a new price to the workspace. */
  publish(price: number): void {
    const file = join(this.workspace, 'configs', 'shop.price.json');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/("value": )"\d+"/, `$1"${price}"`));
    this.git('commit', '-qam', `The price is ${price}`);
  }

  close(): void {
    this.closing = true;
    for (const { child } of this.programs.values()) child?.kill('SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }

  private workerPid(name: string): number | undefined {
    const report = this.reports.get(name);
    const recent = report !== undefined && Date.now() - report.at < GONE_MS;
    return recent && !this.programs.has(name) ? report.pid : undefined;
  }

  private add(
    name: string,
    command: string,
    args: readonly string[],
    env: Record<string, string> = {},
  ): void {
    this.programs.set(name, { command, args, env, stopped: false });
  }

  private run(name: string): void {
    const program = this.programs.get(name)!;
    const { command, args, env } = program;
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', name === 'redis' ? 'ignore' : 'inherit', 'inherit'],
    });
    program.child = child;
    child.on('error', (error) => console.error(`${name}: ${error.message}`));
    child.on('close', () => {
      delete program.child;
      this.reports.delete(name);
      if (this.closing || program.stopped) return;
      setTimeout(() => {
        if (!this.closing && !program.stopped && program.child === undefined) this.run(name);
      }, RESTART_MS).unref();
    });
  }

  private createRepository(): void {
    const source = fileURLToPath(new URL('../workspace', import.meta.url));
    cpSync(source, this.workspace, { recursive: true });
    this.git('init', '-q');
    this.git('add', '.');
    this.git('commit', '-qm', 'The first prices');
  }

  private git(...args: string[]): void {
    const author = ['-c', 'user.name=demo', '-c', 'user.email=demo@example.com'];
    execFileSync('git', ['-C', this.workspace, ...author, ...args], { stdio: 'pipe' });
  }
}

const url = (port: number): string => `http://127.0.0.1:${port}`;

function isInstalled(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Finds ports while all of them are open, so that they are different. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((closed) => void server.close(closed))));
  return ports;
}
