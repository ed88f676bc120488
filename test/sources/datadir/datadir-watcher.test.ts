import { readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { reloadFailed } from '../../../lib/sources/datadir/datadir-watcher.messages.js';
import { ConfigMapMount, setLink } from '../../support/config-map-mount.js';
import { WatchedWorkspace } from '../../support/watched-workspace.js';
import {
  createWorkspace,
  stringConfig,
  temporaryDirectory,
  Workspace,
} from '../../support/workspace.js';

const TIMEOUT = { timeout: 15_000, interval: 20 };
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function watcherOf(datadir: string, dataDirAutoReloadDebounceMs?: number): WatchedWorkspace {
  const made = new WatchedWorkspace(datadir, dataDirAutoReloadDebounceMs);
  cleanups.unshift(() => made.watcher.close());
  return made;
}

/** A workspace with the string config `a`, whose value is `1`. */
function workspace(path?: string): Workspace {
  const made = path === undefined ? createWorkspace() : new Workspace(path);
  made.writeFile('quonfig.json', '{"environments": ["production"]}');
  made.write(stringConfig('a', '1'));
  cleanups.push(() => made.cleanup());
  return made;
}

function directory(): string {
  const path = temporaryDirectory();
  cleanups.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe('a watched datadir', () => {
  it('the watcher delivers files that are written in place repeatedly', async () => {
    const made = workspace();
    const watched = await watcherOf(made.path).startAndSettle();

    for (const value of ['2', '3', '4']) {
      made.write(stringConfig('a', value));
      await watched.loads({ a: value });
    }
  });

  it('the watcher delivers files that are replaced atomically, as editors save', async () => {
    const made = workspace();
    const watched = await watcherOf(made.path).startAndSettle();

    for (const value of ['2', '3', '4']) {
      made.writeFile('configs/.a.json.swp', JSON.stringify(stringConfig('a', value)));
      renameSync(join(made.path, 'configs/.a.json.swp'), join(made.path, 'configs/a.json'));
      await watched.loads({ a: value });
    }
  });

  it('the watcher delivers files that are moved and rewritten, as editors with backups save', async () => {
    const made = workspace();
    const watched = await watcherOf(made.path).startAndSettle();
    const file = join(made.path, 'configs/a.json');

    for (const value of ['2', '3']) {
      renameSync(file, `${file}~`);
      made.write(stringConfig('a', value));
      rmSync(`${file}~`);
      await watched.loads({ a: value });
    }
  });

  it('the watcher delivers new files, removed files and new directories', async () => {
    const made = workspace();
    const watched = await watcherOf(made.path).startAndSettle();

    made.write(stringConfig('b', '2'));
    await watched.loads({ a: '1', b: '2' });
    made.remove(stringConfig('a', '1'));
    await watched.loads({ b: '2' });
    made.write({ ...stringConfig('s', '3'), type: 'segment' });
    await watched.loads({ b: '2', s: '3' });
    made.write({ ...stringConfig('s', '4'), type: 'segment' });
    await watched.loads({ b: '2', s: '4' });
  });

  it('the watcher reports a malformed file and delivers its correction', async () => {
    const made = workspace();
    const watched = await watcherOf(made.path).startAndSettle();

    made.writeFile('configs/a.json', '{');
    await watched.loads(undefined);
    made.write(stringConfig('a', '2'));
    await watched.loads({ a: '2' });
  });

  it('the watcher delivers changes to quonfig.json', async () => {
    const made = workspace();
    const watched = await watcherOf(made.path).startAndSettle();

    made.writeFile('quonfig.json', '{"environments": ["staging"]}');
    await watched.loads(undefined);
    made.writeFile('quonfig.json', '{"environments": ["production", "staging"]}');
    await watched.loads({ a: '1' });
  });

  it('the watcher delivers changes made before it is ready', async () => {
    const made = workspace();
    const watched = watcherOf(made.path).start();
    made.write(stringConfig('a', '2'));

    await watched.loads({ a: '2' });
  });

  it('the watcher delivers the final state after a burst of hundreds of changes', async () => {
    const made = workspace();
    const watched = await watcherOf(made.path).startAndSettle();
    const expected: Record<string, string> = { a: '1' };

    for (let i = 0; i < 300; i++) {
      made.write(stringConfig(`burst-${i}`, `${i}`));
      expected[`burst-${i}`] = `${i}`;
    }

    await watched.loads(expected);
  });

  it('the watcher delivers changes to linked files', async () => {
    const made = workspace();
    made.writeFile('elsewhere/b.json', JSON.stringify(stringConfig('b', '1')));
    symlinkSync('../elsewhere/b.json', join(made.path, 'configs/b.json'));
    const watched = await watcherOf(made.path).startAndSettle();

    made.writeFile('elsewhere/b.json', JSON.stringify(stringConfig('b', '2')));

    await watched.loads({ a: '1', b: '2' });
  });

  it('the watcher polls for changes with CHOKIDAR_USEPOLLING', async () => {
    vi.stubEnv('CHOKIDAR_USEPOLLING', 'true');
    const made = workspace();
    const watched = await watcherOf(made.path).startAndSettle();

    made.write(stringConfig('a', 'longer'));
    await watched.loads({ a: 'longer' });
    made.write(stringConfig('b', '2'));
    await watched.loads({ a: 'longer', b: '2' });
  });

  it('the watcher resolves a relative datadir when it is created', async () => {
    const made = workspace();
    const before = process.cwd();
    process.chdir(made.path);
    const watched = watcherOf('.');
    process.chdir(before);
    watched.start();
    await vi.waitFor(() => expect(watched.reloads).toBeGreaterThan(0), TIMEOUT);
    const reloads = watched.reloads;

    made.write(stringConfig('a', '2'));

    await vi.waitFor(() => expect(watched.reloads).toBeGreaterThan(reloads), TIMEOUT);
  });
});

describe('a datadir that is a link', () => {
  it('the watcher delivers edits in the linked directory and every new target', async () => {
    const root = directory();
    const link = join(root, 'current');
    const [one, two, three] = ['one', 'two', 'three'].map((name) => workspace(join(root, name)));
    setLink(link, 'one');
    const watched = await watcherOf(link).startAndSettle();

    one!.write(stringConfig('a', 'one edited'));
    await watched.loads({ a: 'one edited' });
    two!.write(stringConfig('a', 'two'));
    setLink(link, 'two');
    await watched.loads({ a: 'two' });
    three!.write(stringConfig('a', 'three'));
    setLink(link, 'three');
    await watched.loads({ a: 'three' });
    await vi.waitFor(() => expect(watched.watcher.watching).toBe(true), TIMEOUT);
    three!.write(stringConfig('a', 'three edited'));
    await watched.loads({ a: 'three edited' });
  });

  it('the watcher delivers the final target of a link that changes while it starts', async () => {
    const root = directory();
    const link = join(root, 'current');
    const [one, two] = ['one', 'two'].map((name) => workspace(join(root, name)));
    two!.write(stringConfig('a', 'two'));
    setLink(link, 'one');
    const watched = watcherOf(link);
    const reachedTwo = vi.fn();
    watched.onReload = () => {
      if (watched.content?.['a'] === 'two' && reachedTwo.mock.calls.length === 0) {
        reachedTwo();
        setLink(link, 'one');
      }
      return Promise.resolve();
    };
    watched.start();
    setLink(link, 'two');
    await vi.waitFor(() => expect(reachedTwo).toHaveBeenCalled(), TIMEOUT);

    await watched.loads({ a: '1' });
    await vi.waitFor(() => expect(watched.watcher.watching).toBe(true), TIMEOUT);
    one!.write(stringConfig('a', 'one edited'));
    await watched.loads({ a: 'one edited' });
  });

  it('the watcher delivers the new target of a link in a parent path, as deployments switch releases', async () => {
    const root = directory();
    workspace(join(root, 'revision-1', 'quonfig'));
    const two = workspace(join(root, 'revision-2', 'quonfig'));
    two.write(stringConfig('a', '2'));
    setLink(join(root, 'current'), 'revision-1');
    const watched = await watcherOf(join(root, 'current', 'quonfig')).startAndSettle();

    setLink(join(root, 'current'), 'revision-2');
    await watched.loads({ a: '2' });
    await vi.waitFor(() => expect(watched.watcher.watching).toBe(true), TIMEOUT);
    two.write(stringConfig('a', '3'));
    await watched.loads({ a: '3' });
  });
});

describe.each([
  ['removed', false],
  ['kept', true],
])('a Kubernetes ConfigMap whose old files are %s', (_, keepOld) => {
  it('the watcher delivers every swap of a ConfigMap that holds the whole workspace', async () => {
    const mount = new ConfigMapMount(directory());
    const publish = (value: string): void =>
      mount.publish(
        {
          'quonfig.json': '{"environments": ["production"]}',
          'configs/a.json': JSON.stringify(stringConfig('a', value)),
        },
        { keepOld },
      );
    publish('1');
    const watched = await watcherOf(mount.path).startAndSettle();

    for (const value of ['2', '3', '4', '5']) {
      publish(value);
      await watched.loads({ a: value });
    }
  });

  it('the watcher delivers every swap of a ConfigMap that holds one directory', async () => {
    const made = createWorkspace();
    cleanups.push(() => made.cleanup());
    const mount = new ConfigMapMount(join(made.path, 'configs'));
    const publish = (value: string): void =>
      mount.publish({ 'a.json': JSON.stringify(stringConfig('a', value)) }, { keepOld });
    publish('1');
    const watched = await watcherOf(made.path).startAndSettle();

    for (const value of ['2', '3', '4', '5']) {
      publish(value);
      await watched.loads({ a: value });
    }
  });

  it('the watcher delivers the latest of two swaps in quick succession', async () => {
    const made = createWorkspace();
    cleanups.push(() => made.cleanup());
    const mount = new ConfigMapMount(join(made.path, 'configs'));
    const publish = (value: string): void =>
      mount.publish({ 'a.json': JSON.stringify(stringConfig('a', value)) }, { keepOld });
    publish('1');
    const watched = await watcherOf(made.path).startAndSettle();

    publish('2');
    publish('3');
    await watched.loads({ a: '3' });
    publish('4');
    publish('5');
    await watched.loads({ a: '5' });
  });

  it('the watcher delivers ConfigMap swaps while it polls', async () => {
    vi.stubEnv('CHOKIDAR_USEPOLLING', 'true');
    const mount = new ConfigMapMount(directory());
    const publish = (value: string): void =>
      mount.publish(
        {
          'quonfig.json': '{"environments": ["production"]}',
          'configs/a.json': JSON.stringify(stringConfig('a', value)),
        },
        { keepOld },
      );
    publish('1');
    const watched = await watcherOf(mount.path).startAndSettle();

    for (const value of ['2', '3']) {
      publish(value);
      await watched.loads({ a: value });
    }
  });
});

describe('a datadir that is removed', () => {
  it('the watcher reports a removed datadir and watches it again when it returns', async () => {
    const root = directory();
    const made = workspace(join(root, 'workspace'));
    const watched = await watcherOf(made.path).startAndSettle();

    for (const round of ['2', '3']) {
      rmSync(made.path, { recursive: true });
      await watched.loads(undefined);
      await vi.waitFor(() => expect(watched.watcher.watching).toBe(false), TIMEOUT);
      made.writeFile('quonfig.json', '{}');
      made.write(stringConfig('a', round));
      await watched.loads({ a: round });
      await vi.waitFor(() => expect(watched.watcher.watching).toBe(true), TIMEOUT);
      made.write(stringConfig('a', `${round} edited`));
      await watched.loads({ a: `${round} edited` });
    }
    expect(watched.log.messages('warn')).toEqual([]);
  });

  it('the watcher restarts when the datadir is removed and immediately recreated', async () => {
    const root = directory();
    const made = workspace(join(root, 'workspace'));
    const watched = await watcherOf(made.path).startAndSettle();

    rmSync(made.path, { recursive: true });
    made.writeFile('quonfig.json', '{}');
    made.write(stringConfig('a', '2'));
    await watched.loads({ a: '2' });
    const reloads = watched.reloads;
    // The new watcher is ready once the reload that it causes is over.
    await vi.waitFor(() => {
      expect(watched.watcher.watching).toBe(true);
      expect(watched.reloads).toBeGreaterThan(reloads);
    }, TIMEOUT);
    made.write(stringConfig('a', '3'));
    await watched.loads({ a: '3' });
  });

  it('two watchers of the same datadir both find it again', async () => {
    const made = workspace(join(directory(), 'workspace'));
    const both = [watcherOf(made.path), watcherOf(made.path)];
    for (const watched of both) await watched.startAndSettle();

    rmSync(made.path, { recursive: true });
    for (const watched of both) await watched.loads(undefined);
    made.writeFile('quonfig.json', '{}');
    made.write(stringConfig('a', '2'));
    for (const watched of both) {
      await watched.loads({ a: '2' });
      await vi.waitFor(() => expect(watched.watcher.watching).toBe(true), TIMEOUT);
    }
    made.write(stringConfig('a', '3'));
    for (const watched of both) await watched.loads({ a: '3' });
  });

  it('the watcher finds a datadir that is created only after the watcher starts', async () => {
    const path = join(directory(), 'workspace');
    const watched = watcherOf(path).start();

    workspace(path);

    await watched.loads({ a: '1' });
  });
});

describe('reloads', () => {
  it('a failed reload is logged without secrets, and the next change is delivered', async () => {
    const made = workspace();
    const watched = watcherOf(made.path);
    watched.onReload = () => Promise.reject(new TypeError('s3cret'));
    await watched.startAndSettle();
    await vi.waitFor(
      () => expect(watched.log.messages('error')).toEqual([reloadFailed(made.path, 'TypeError')]),
      TIMEOUT,
    );

    made.write(stringConfig('a', '2'));
    await watched.loads({ a: '2' });
  });

  it('a change during a reload causes another reload', async () => {
    const made = workspace();
    const watched = watcherOf(made.path);
    let finish = (): void => {};
    watched.onReload = () => new Promise((resolve) => (finish = resolve));
    watched.start();
    await vi.waitFor(() => expect(watched.reloads).toBe(1), TIMEOUT);

    made.write(stringConfig('a', '2'));
    // Another watcher delivers the change, so this one has had as much time for it.
    await watcherOf(made.path).start().loads({ a: '2' });
    expect(watched.content).toEqual({ a: '1' });
    finish();

    await watched.loads({ a: '2' });
  });
});

/** The number of files and directories that this process watches. */
function watchCount(): number {
  if (process.platform !== 'linux') {
    return process.getActiveResourcesInfo().filter((name) => name === 'FSEventWrap').length;
  }
  let count = 0;
  for (const fd of readdirSync('/proc/self/fdinfo')) {
    try {
      const lines = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8').split('\n');
      count += lines.filter((line) => line.startsWith('inotify')).length;
    } catch {
      // The descriptor was closed meanwhile.
    }
  }
  return count;
}

describe('closing a watcher', () => {
  it('a closed watcher delivers nothing', async () => {
    const made = workspace();
    const watched = await watcherOf(made.path).startAndSettle();
    const other = await watcherOf(made.path).startAndSettle();
    const { reloads } = watched;

    made.write(stringConfig('a', '2'));
    await watched.watcher.close();
    await other.loads({ a: '2' });
    made.write(stringConfig('a', '3'));
    await other.loads({ a: '3' });

    expect(watched.reloads).toBe(reloads);
    expect(watched.watcher.watching).toBe(false);
  });

  it('a closed watcher watches no files, no matter when it was closed', async () => {
    const made = workspace();
    for (let i = 0; i < 200; i++) made.write(stringConfig(`more-${i}`, ''));
    const before = watchCount();

    const settled = await watcherOf(made.path).startAndSettle();
    expect(watchCount()).toBeGreaterThan(before);
    await settled.watcher.close();
    expect(watchCount()).toBe(before);

    for (let turns = 0; turns < 40; turns++) {
      const watched = watcherOf(made.path).start();
      for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
      await watched.watcher.close();
    }
    const control = await watcherOf(made.path).startAndSettle();
    await control.watcher.close();
    await vi.waitFor(() => expect(watchCount()).toBe(before), TIMEOUT);
  });

  it('a closed watcher can be closed again but not started', async () => {
    const made = workspace();
    const watched = watcherOf(made.path);
    const closing = watched.watcher.close();
    expect(watched.watcher.close()).toBe(closing);
    await closing;

    watched.start();
    await watcherOf(made.path).startAndSettle();

    expect(watched.watcher.watching).toBe(false);
    expect(watched.reloads).toBe(0);
  });

  it('a watcher can be closed during its own reload', async () => {
    const made = workspace();
    const watched = watcherOf(made.path);
    let closed = false;
    watched.onReload = async () => {
      await watched.watcher.close();
      closed = true;
    };
    watched.start();

    await vi.waitFor(() => expect(closed).toBe(true), TIMEOUT);
  });

  it('a watcher starts only once', async () => {
    const made = workspace();
    const watched = watcherOf(made.path);
    watched.start();
    watched.watcher.start(() => Promise.reject(new Error('never called')));
    await watched.startAndSettle();
    writeFileSync(join(made.path, 'configs/a.json'), JSON.stringify(stringConfig('a', '2')));

    await watched.loads({ a: '2' });
    expect(watched.log.messages('error')).toEqual([]);
  });
});
