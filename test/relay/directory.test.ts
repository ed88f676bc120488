import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BehaviorSubject, Observable } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { QuonfigModule, QuonfigService } from '../../lib/index.js';
import { QuonfigRelay, QuonfigRelayModule, type RelayKey } from '../../lib/relay/index.js';
import { connectTo, until } from '../support/networked.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { createWorkspace, temporaryDirectory, Workspace } from '../support/workspace.js';
import { application, basic, get, RELAY_KEY, relayOfDirectory } from './support/relays.js';

const greeting = (value: string, more: object = {}) => ({
  key: 'greeting',
  type: 'config',
  valueType: 'string',
  default: { rules: [{ value: { type: 'string', value } }] },
  ...more,
});

function workspaceWith(value: string, environments?: string[]): Workspace {
  const workspace = createWorkspace({ environments, configs: [greeting(value)] });
  onTestFinished(() => workspace.cleanup());
  return workspace;
}

function git(directory: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
  return execFileSync('git', [...identity, '-C', directory, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}

function commit(workspace: Workspace, message: string): void {
  git(workspace.path, 'add', '--all');
  git(workspace.path, 'commit', '--quiet', '--message', message);
}

function repositoryWith(value: string): Workspace {
  const workspace = workspaceWith(value);
  git(workspace.path, 'init', '--quiet');
  commit(workspace, 'first');
  return workspace;
}

function cloneOf(workspace: Workspace, ...options: string[]): Workspace {
  const target = join(mkdtempSync(join(tmpdir(), 'clone-')), 'workspace');
  onTestFinished(() => rmSync(target, { recursive: true, force: true }));
  git(tmpdir(), 'clone', '--quiet', ...options, `file://${workspace.path}`, target);
  return new Workspace(target);
}

interface Served {
  greeting: unknown;
  generation: number;
  version: string;
  etag: string | undefined;
}

async function served(url: string, key = RELAY_KEY): Promise<Served> {
  const { status, headers, body } = await get(`${url}/api/v2/configs`, {
    authorization: basic(key),
  });
  expect(status).toBe(200);
  const { configs, meta } = JSON.parse(body.toString());
  const value = configs[0]?.default.rules[0].value.value;
  return {
    greeting: value,
    generation: meta.generation,
    version: meta.version,
    etag: headers.etag,
  };
}

describe('a relay of a git workspace', () => {
  it('the generation grows with every commit, and clients follow', async () => {
    const workspace = repositoryWith('hello');
    const { url } = await relayOfDirectory(workspace.path);
    expect(await served(url)).toMatchObject({ greeting: 'hello', generation: 1_000 });
    const { service } = await connectTo({ url }, { sdkKey: RELAY_KEY });
    workspace.write(greeting('hi'));
    commit(workspace, 'second');
    await until(() => expect(service.getString('greeting')).toBe('hi'));
    expect(await served(url)).toMatchObject({ greeting: 'hi', generation: 2_000 });
    expect(service.heldGeneration()).toBe(2_000);
  });

  it('two relays agree on generation, version and ETag, and a pulled commit wins in both', async () => {
    const origin = repositoryWith('hello');
    const clones = [cloneOf(origin), cloneOf(origin)];
    const relays = await Promise.all(clones.map(({ path }) => relayOfDirectory(path)));
    const [one, other] = await Promise.all(relays.map(({ url }) => served(url)));
    expect(one).toEqual(other);

    origin.write(greeting('hi'));
    commit(origin, 'second');
    const { service } = await connectTo(relays[0]!, {
      sdkKey: RELAY_KEY,
      apiUrls: relays.map(({ url }) => url),
    });
    git(clones[0]!.path, 'pull', '--quiet');
    await until(() => expect(service.getString('greeting')).toBe('hi'));
    // The other relay still serves the first commit, which no longer reaches this client.
    expect((await served(relays[1]!.url)).greeting).toBe('hello');
    git(clones[1]!.path, 'pull', '--quiet');
    await until(async () => {
      expect(await served(relays[1]!.url)).toEqual(await served(relays[0]!.url));
    });
    expect(await served(relays[1]!.url)).toMatchObject({ greeting: 'hi', generation: 2_000 });
  });

  it('edits without a commit reach clients, and the next commit is newer than all of them', async () => {
    const workspace = repositoryWith('hello');
    const { url } = await relayOfDirectory(workspace.path);
    for (const [index, value] of ['one', 'two'].entries()) {
      workspace.write(greeting(value));
      await until(async () => {
        const generation = 1_001 + index;
        expect(await served(url)).toMatchObject({ greeting: value, generation });
      });
    }
    workspace.write(greeting('three'));
    commit(workspace, 'second');
    await until(async () => {
      expect(await served(url)).toMatchObject({ greeting: 'three', generation: 2_000 });
    });
  });

  it('resetting git to an older commit still reaches the clients of this relay', async () => {
    const workspace = repositoryWith('hello');
    workspace.write(greeting('hi'));
    commit(workspace, 'second');
    const { url } = await relayOfDirectory(workspace.path);
    const { service } = await connectTo({ url }, { sdkKey: RELAY_KEY });
    git(workspace.path, 'reset', '--quiet', '--hard', 'HEAD~1');
    await until(() => expect(service.getString('greeting')).toBe('hello'));
    expect(await served(url)).toMatchObject({ greeting: 'hello', generation: 2_001 });
  });

  it('a shallow clone is refused, because its commits cannot be counted', async () => {
    const origin = repositoryWith('hello');
    origin.write(greeting('hi'));
    commit(origin, 'second');
    const shallow = cloneOf(origin, '--depth', '1');
    await expect(relayOfDirectory(shallow.path)).rejects.toMatchObject({
      code: 'unknown_generation',
      message: expect.stringContaining('shallow clone'),
    });
    const { url } = await relayOfDirectory(shallow.path, { generation: 'modified' });
    expect((await served(url)).generation).toBeGreaterThan(1_600_000_000_000_000);
  });

  it('a workspace below the root of its repository, behind a link, counts the commits of the repository', async () => {
    const repository = repositoryWith('outside');
    const workspace = new Workspace(join(repository.path, 'deploy', 'flags'));
    workspace.writeFile('quonfig.json', JSON.stringify({ environments: ['production'] }));
    workspace.write(greeting('hello'));
    commit(repository, 'second');
    const links = temporaryDirectory();
    onTestFinished(() => rmSync(links, { recursive: true, force: true }));
    const link = join(links, 'current');
    symlinkSync(workspace.path, link);
    const { url } = await relayOfDirectory(link);
    expect(await served(url)).toMatchObject({ greeting: 'hello', generation: 2_000 });
  });

  it('variables of another git process do not lead to another repository', async () => {
    const other = repositoryWith('other');
    vi.stubEnv('GIT_DIR', join(other.path, '.git'));
    onTestFinished(() => void vi.unstubAllEnvs());
    const workspace = workspaceWith('hello');
    const { url } = await relayOfDirectory(workspace.path);
    expect((await served(url)).generation).toBeGreaterThan(1_600_000_000_000_000);
  });

  it('a datafile in git has the generation of its repository, unless it states one', async () => {
    const repository = repositoryWith('outside');
    const file = join(repository.path, 'envelope.json');
    const write = (value: string, meta: object): void => {
      repository.writeFile('envelope.json', JSON.stringify({ meta, configs: [greeting(value)] }));
    };
    const imports = [
      QuonfigModule.forRoot({ datafile: file, logger: new RecordingLogger() }),
      QuonfigRelayModule.register({ keys: [RELAY_KEY] }),
    ];
    write('hello', { version: '1', environment: 'production' });
    commit(repository, 'second');
    const { app, url } = await application({ imports });
    expect(await served(url)).toMatchObject({ greeting: 'hello', generation: 2_000 });
    write('hi', { version: '2', environment: 'production', generation: 77 });
    await app.get(QuonfigService).refresh();
    await until(async () => expect((await served(url)).version).toBe('2'));
    expect((await served(url)).generation).toBe(77);
  });

  it('a workspace that git ignores has the generation of its files', async () => {
    const workspace = workspaceWith('hello');
    git(workspace.path, 'init', '--quiet');
    workspace.writeFile('.gitignore', '*');
    const { url } = await relayOfDirectory(workspace.path);
    expect((await served(url)).generation).toBeGreaterThan(1_600_000_000_000_000);
    await expect(relayOfDirectory(workspace.path, { generation: 'commits' })).rejects.toMatchObject(
      { code: 'unknown_generation' },
    );
  });
});

describe('a relay of a directory without git', () => {
  it('copies with the same file times agree, and every change is newer', async () => {
    const workspace = workspaceWith('hello');
    const copy = mkdtempSync(join(tmpdir(), 'copy-'));
    onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
    cpSync(workspace.path, copy, { recursive: true, preserveTimestamps: true });
    for (const directory of ['quonfig.json', 'configs', 'configs/greeting.json']) {
      const time = new Date('2026-01-01T00:00:00Z');
      utimesSync(join(workspace.path, directory), time, time);
      utimesSync(join(copy, directory), time, time);
    }
    const relays = await Promise.all([workspace.path, copy].map((path) => relayOfDirectory(path)));
    const [one, other] = await Promise.all(relays.map(({ url }) => served(url)));
    expect(one).toEqual(other);
    expect(one!.generation).toBe(Date.parse('2026-01-01T00:00:00Z') * 1_000);

    workspace.write(greeting('hi'));
    await until(async () => expect((await served(relays[0]!.url)).greeting).toBe('hi'));
    const changed = await served(relays[0]!.url);
    expect(changed.generation).toBeGreaterThan(one!.generation);
    workspace.remove(greeting(''));
    await until(async () => expect((await served(relays[0]!.url)).greeting).toBeUndefined());
    expect((await served(relays[0]!.url)).generation).toBeGreaterThan(changed.generation);
  });

  it('a function decides the generation', async () => {
    const workspace = workspaceWith('hello');
    let generation = 41;
    const options = { generation: () => Promise.resolve(++generation) };
    const { url } = await relayOfDirectory(workspace.path, options);
    expect((await served(url)).generation).toBe(42);
    workspace.write(greeting('hi'));
    await until(async () => {
      expect(await served(url)).toMatchObject({ greeting: 'hi', generation: 43 });
    });
  });

  it.each([[() => 0], [() => 1.5], [() => Promise.reject(new Error('secret'))]])(
    'a function that returns no usable number keeps the relay from starting: %s',
    async (generation) => {
      const workspace = workspaceWith('hello');
      await expect(relayOfDirectory(workspace.path, { generation })).rejects.toMatchObject({
        code: 'unknown_generation',
        message: expect.not.stringContaining('secret'),
      });
    },
  );

  it('clients never receive the path of the directory', async () => {
    const workspace = workspaceWith('hello');
    const { url } = await relayOfDirectory(workspace.path);
    const { body } = await get(`${url}/api/v2/configs`);
    expect(body.toString()).not.toContain(workspace.path);
    expect((await served(url)).version).toMatch(/^[0-9a-f]{32}$/);
  });

  it("an application's own directory is served in the same way", async () => {
    const workspace = workspaceWith('hello');
    const imports = [
      QuonfigModule.forRoot({
        datadir: workspace.path,
        environment: 'production',
        dataDirAutoReload: true,
        logger: new RecordingLogger(),
      }),
      QuonfigRelayModule.register({ keys: [RELAY_KEY] }),
    ];
    const { app, url } = await application({ imports });
    const { service } = await connectTo({ url }, { sdkKey: RELAY_KEY });
    const before = service.heldGeneration();
    workspace.write(greeting('hi'));
    await until(() => expect(service.getString('greeting')).toBe('hi'));
    expect(service.heldGeneration()).toBeGreaterThan(before);
    expect(app.get(QuonfigService).heldGeneration()).toBe(0);
  });
});

describe('the environments of a directory', () => {
  const staged = greeting('hello', {
    environments: [{ id: 'staging', rules: [{ value: { type: 'string', value: 'staged' } }] }],
  });

  it('each key receives its environment, also one that is added later', async () => {
    const workspace = workspaceWith('hello', ['production', 'staging']);
    workspace.write(staged);
    const keys = new BehaviorSubject<readonly RelayKey[]>([
      { key: RELAY_KEY, environment: 'production' },
    ]);
    const { app, url } = await relayOfDirectory(workspace.path, { keys });
    const late = 'staging_key_0123456789';
    keys.next([...keys.value, { key: late, environment: 'staging' }]);
    await until(async () => {
      const { status } = await get(`${url}/api/v2/configs`, { authorization: basic(late) });
      expect(status).toBe(200);
    });
    const one = await connectTo({ url }, { sdkKey: RELAY_KEY });
    const other = await connectTo({ url }, { sdkKey: late });
    expect(one.service.getString('greeting')).toBe('hello');
    expect(other.service.getString('greeting')).toBe('staged');
    const { environments } = app.get(QuonfigRelay).status();
    expect(environments.map(({ environment }) => environment)).toEqual(['production', 'staging']);
  });

  it('keys without an environment use that of the relay', async () => {
    const workspace = workspaceWith('hello');
    const { url } = await relayOfDirectory(workspace.path, {
      keys: [RELAY_KEY],
      environment: 'production',
    });
    expect((await served(url)).greeting).toBe('hello');
  });

  it('an unknown environment keeps the application from starting', async () => {
    const workspace = workspaceWith('hello');
    const keys = [{ key: RELAY_KEY, environment: 'nowhere' }];
    await expect(relayOfDirectory(workspace.path, { keys })).rejects.toMatchObject({
      code: 'invalid_environment',
    });
  });

  it('a later key for an unknown environment gets status 503, and the others keep working', async () => {
    const workspace = workspaceWith('hello');
    const keys = new BehaviorSubject<readonly RelayKey[]>([
      { key: RELAY_KEY, environment: 'production' },
    ]);
    const { url } = await relayOfDirectory(workspace.path, { keys });
    const late = 'nowhere_key_0123456789';
    keys.next([...keys.value, { key: late, environment: 'nowhere' }]);
    const answer = await get(`${url}/api/v2/configs`, { authorization: basic(late) });
    expect(answer.status).toBe(503);
    expect((await served(url)).greeting).toBe('hello');
  });

  it('a key that is added while the first environments load receives its environment', async () => {
    const workspace = workspaceWith('hello', ['production', 'staging']);
    workspace.write(staged);
    const late = 'staging_key_0123456789';
    const keys = new Observable<readonly RelayKey[]>((subscriber) => {
      const production = { key: RELAY_KEY, environment: 'production' };
      subscriber.next([production]);
      queueMicrotask(() => subscriber.next([production, { key: late, environment: 'staging' }]));
    });
    const { app } = await relayOfDirectory(workspace.path, { keys });
    await until(() => {
      const { environments } = app.get(QuonfigRelay).status();
      expect(environments.map(({ environment }) => environment)).toEqual(['production', 'staging']);
    });
  });

  it('an environment that is missing is served once the workspace has it', async () => {
    const workspace = workspaceWith('hello', ['production']);
    const keys = new BehaviorSubject<readonly RelayKey[]>([
      { key: RELAY_KEY, environment: 'production' },
    ]);
    const { url } = await relayOfDirectory(workspace.path, { keys });
    const late = 'staging_key_0123456789';
    keys.next([...keys.value, { key: late, environment: 'staging' }]);
    const status = async (): Promise<number> =>
      (await get(`${url}/api/v2/configs`, { authorization: basic(late) })).status;
    expect(await status()).toBe(503);
    workspace.write(staged);
    const environments = ['production', 'staging'];
    workspace.writeFile('quonfig.json', JSON.stringify({ environments, workspace: 'test' }));
    await until(async () => expect(await status()).toBe(200));
    expect((await served(url, late)).greeting).toBe('hello');
  });
});
