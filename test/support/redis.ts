import { execFileSync } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { Child } from './child-process.js';
import { freePort } from './free-port.js';

/** Whether redis-server is installed. CI installs it. */
export const hasRedis = isInstalled() || process.env['CI'] === 'true';

/** A Redis server on the loopback interface, without persistence of its own. */
export class RedisServer {
  private constructor(
    readonly port: number,
    private child: Child,
    private readonly args: readonly string[],
  ) {}

  /** Starts a server that ends with the test. */
  static async start(...args: string[]): Promise<RedisServer> {
    const port = await freePort();
    const server = new RedisServer(port, start(port, args), args);
    await server.child.printed(/Ready to accept connections/);
    onTestFinished(() => server.kill());
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Stops it without closing its connections: whoever calls it waits. */
  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.child.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.child.ended;
  }

  /** Starts it again on the same port, empty. */
  async restart(): Promise<void> {
    this.child = start(this.port, this.args);
    await this.child.printed(/Ready to accept connections/);
  }
}

function start(port: number, args: readonly string[]): Child {
  const own = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'];
  return Child.start('redis-server', [...own, ...args]);
}

function isInstalled(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
