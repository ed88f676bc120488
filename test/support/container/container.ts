import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { onTestFinished } from 'vitest';
import type { Envelope } from '../../../lib/model/index.js';
import type { QuonfigModuleOptions } from '../../../lib/index.js';
import { Child } from '../child-process.js';
import type { DeliveryServerOptions } from '../delivery-server.js';
import { optionsFor } from '../networked.js';

const SETUP = fileURLToPath(new URL('container.sh', import.meta.url));
const SERVER = fileURLToPath(new URL('../delivery-server.ts', import.meta.url));
const MAIN = '/mnt/app/test/support/container/main.mjs';
const PORT = 8_080;
const NAMESPACES = ['--fork', '--pid', '--mount', '--mount-proc', '--net', '--uts', '--ipc'];

export interface ContainerOptions {
  /** Its own; the first process is 1 in each. */
  readonly hostName?: string;
  /** Where the volume is mounted. Default: a path that contains the host name. */
  readonly volume?: string;
  /** Without, there is no address at all, not even a loopback interface that is up. */
  readonly network?: boolean;
  readonly readOnlyRoot?: boolean;
  /** User of the host that its processes run as. Default: root. */
  readonly user?: number;
  /** Another user namespace, in which the user is root or has the same id. */
  readonly userNamespace?: 'as root' | 'as the same user';
  /** Whether a worker of `node:cluster` has the service. */
  readonly worker?: boolean;
}

export interface Facts {
  readonly role: string;
  readonly source: string;
  readonly state: string;
  readonly greeting: string;
  readonly streams: number;
  readonly logged: readonly string[];
  readonly process: { readonly pid: number; readonly host: string; readonly networks: string[] };
}

/** Why this user cannot create containers; `undefined` if it can. */
export function obstacleToContainers(more: readonly string[] = []): string | undefined {
  const check = ['sh', '-c', 'mount -t tmpfs none /mnt && ip link set lo up'];
  try {
    execFileSync('unshare', [...NAMESPACES, ...check], { stdio: 'ignore' });
    execFileSync('setpriv', ['--reuid', '1000', '--clear-groups', ...more, 'true'], {
      stdio: 'ignore',
    });
    return undefined;
  } catch {
    return 'needs root on Linux, with the right to create namespaces, and iproute2';
  }
}

/** What containers share: the kernel, and a volume that each mounts at a path of its own. */
export class ContainerHost {
  /** The volume, as the host sees it. */
  readonly volume: string;
  private readonly folder: string;
  private started = 0;

  private constructor(parent: string) {
    this.folder = mkdtempSync(join(parent, 'quonfig-containers-'));
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
    this.volume = join(this.folder, 'volume');
    mkdirSync(this.volume, { mode: 0o700 });
  }

  /** @param parent directory for the volume: `/dev/shm` is in memory */
  static async create(parent = tmpdir()): Promise<ContainerHost> {
    const host = new ContainerHost(parent);
    await build({
      entryPoints: [SERVER],
      outfile: join(host.folder, 'image/delivery-server.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'silent',
    });
    return host;
  }

  /** Starts a container. The end of the test kills it. */
  async start(options: ContainerOptions = {}): Promise<Container> {
    const { hostName = `container-${++this.started}` } = options;
    const volume = options.volume ?? `/mnt/volume of ${hostName}`;
    const network = options.network === true ? 'lo' : 'none';
    const root = options.readOnlyRoot === true ? 'ro' : 'rw';
    const setup = ['sh', SETUP, hostName, this.folder, volume, network, root];
    const command = [...asUser(options), '/mnt/node', MAIN];
    const child = Child.start('unshare', [...NAMESPACES, ...setup, ...command], {
      messages: true,
      group: true,
      env: {
        NODE: process.execPath,
        QUONFIG_TEST_WORKER: String(options.worker === true),
      },
    });
    const container = new Container(child, volume);
    onTestFinished(() => container.kill());
    await child.receive();
    return container;
  }
}

export class Container {
  constructor(
    private readonly child: Child,
    /** The volume, as the container sees it. */
    readonly volume: string,
  ) {}

  /** Starts a delivery server in the container, which only the container reaches. */
  serve(options: Omit<DeliveryServerOptions, 'port'>): Promise<void> {
    return this.ask('serve', { ...options, port: PORT });
  }

  publish(envelope: Envelope): Promise<void> {
    return this.ask('publish', envelope);
  }

  /** Starts an application. All containers use the same URLs. */
  startService(more: Partial<QuonfigModuleOptions>): Promise<void> {
    return this.ask('start', urlsOf(more));
  }

  facts(): Promise<Facts> {
    return this.ask('facts');
  }

  closeService(): Promise<void> {
    return this.ask('close');
  }

  /** Starts services that save the configs, one after the other, until one of them cannot or the container is killed. */
  saveOn(more: Partial<QuonfigModuleOptions>): Promise<void> {
    return this.ask('saveOn', urlsOf(more));
  }

  /** Kills the first process, with which the kernel ends all others in its namespace. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.child.ended;
  }

  private async ask<T>(act: string, argument?: unknown): Promise<T> {
    const answer = (await this.child.ask({ act, argument })) as { result: T; failed?: string };
    if (answer.failed !== undefined) throw new Error(answer.failed);
    return answer.result;
  }
}

const urlsOf = (more: Partial<QuonfigModuleOptions>): QuonfigModuleOptions =>
  optionsFor({ url: `http://127.0.0.1:${PORT}` }, more);

function asUser({ user, userNamespace }: ContainerOptions): string[] {
  const ids = user === undefined ? [] : ['--reuid', `${user}`, '--regid', `${user}`];
  const own = ids.length === 0 ? [] : ['setpriv', ...ids, '--clear-groups'];
  if (userNamespace === undefined) return own;
  const map = userNamespace === 'as root' ? '--map-root-user' : '--map-current-user';
  return [...own, 'unshare', '--user', map];
}
