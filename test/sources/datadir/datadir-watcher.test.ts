import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { reloadFailed } from '../../../lib/sources/datadir/datadir-watcher.messages.js';
import { WatchedWorkspace } from '../../support/watched-workspace.js';
import {
  createWorkspace,
  stringConfig,
  temporaryDirectory,
  Workspace,
} from '../../support/workspace.js';

const LIMIT = { timeout: 15_000, interval: 20 };
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function watched(datadir: string, dataDirAutoReloadDebounceMs?: number): WatchedWorkspace {
  const made = new WatchedWorkspace(datadir, dataDirAutoReloadDebounceMs);
  cleanups.unshift(() => made.watcher.close());
  return made;
}

/** A workspace with the text config `a` of value `1`. */
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

/** Sets a link to a target in one step, whatever it led to before. */
function setLink(link: string, target: string): void {
  symlinkSync(target, `${link}_tmp`);
  renameSync(`${link}_tmp`, link);
}

describe('a watched workspace directory shows', () => {
  it('files that are written in place, one after the other', async () => {
    const made = workspace();
    const seen = await watched(made.path).startAndSettle();

    for (const value of ['2', '3', '4']) {
      made.write(stringConfig('a', value));
      await seen.sees({ a: value });
    }
  });

  it('files that are replaced in one step, as editors save', async () => {
    const made = workspace();
    const seen = await watched(made.path).startAndSettle();

    for (const value of ['2', '3', '4']) {
      made.writeFile('configs/.a.json.swp', JSON.stringify(stringConfig('a', value)));
      renameSync(join(made.path, 'configs/.a.json.swp'), join(made.path, 'configs/a.json'));
      await seen.sees({ a: value });
    }
  });

  it('files that are moved away and written again, as editors with backups save', async () => {
    const made = workspace();
    const seen = await watched(made.path).startAndSettle();
    const file = join(made.path, 'configs/a.json');

    for (const value of ['2', '3']) {
      renameSync(file, `${file}~`);
      made.write(stringConfig('a', value));
      rmSync(`${file}~`);
      await seen.sees({ a: value });
    }
  });

  it('new files, removed files, and new directories', async () => {
    const made = workspace();
    const seen = await watched(made.path).startAndSettle();

    made.write(stringConfig('b', '2'));
    await seen.sees({ a: '1', b: '2' });
    made.remove(stringConfig('a', '1'));
    await seen.sees({ b: '2' });
    made.write({ ...stringConfig('s', '3'), type: 'segment' });
    await seen.sees({ b: '2', s: '3' });
    made.write({ ...stringConfig('s', '4'), type: 'segment' });
    await seen.sees({ b: '2', s: '4' });
  });

  it('a broken file, and its correction', async () => {
    const made = workspace();
    const seen = await watched(made.path).startAndSettle();

    made.writeFile('configs/a.json', '{');
    await seen.sees(undefined);
    made.write(stringConfig('a', '2'));
    await seen.sees({ a: '2' });
  });

  it('a changed quonfig.json', async () => {
    const made = workspace();
    const seen = await watched(made.path).startAndSettle();

    made.writeFile('quonfig.json', '{"environments": ["staging"]}');
    await seen.sees(undefined);
    made.writeFile('quonfig.json', '{"environments": ["production", "staging"]}');
    await seen.sees({ a: '1' });
  });

  it('what changed after the start and before the watch was in place', async () => {
    const made = workspace();
    const seen = watched(made.path).start();
    made.write(stringConfig('a', '2'));

    await seen.sees({ a: '2' });
  });

  it('the end of a burst of hundreds of changes', async () => {
    const made = workspace();
    const seen = await watched(made.path).startAndSettle();
    const expected: Record<string, string> = { a: '1' };

    for (let i = 0; i < 300; i++) {
      made.write(stringConfig(`burst-${i}`, `${i}`));
      expected[`burst-${i}`] = `${i}`;
    }

    await seen.sees(expected);
  });

  it('changes to files that are links', async () => {
    const made = workspace();
    made.writeFile('elsewhere/b.json', JSON.stringify(stringConfig('b', '1')));
    symlinkSync('../elsewhere/b.json', join(made.path, 'configs/b.json'));
    const seen = await watched(made.path).startAndSettle();

    made.writeFile('elsewhere/b.json', JSON.stringify(stringConfig('b', '2')));

    await seen.sees({ a: '1', b: '2' });
  });

  it('changes when the file system reports none and it is told to look for them', async () => {
    vi.stubEnv('CHOKIDAR_USEPOLLING', 'true');
    const made = workspace();
    const seen = await watched(made.path).startAndSettle();

    made.write(stringConfig('a', 'longer'));
    await seen.sees({ a: 'longer' });
    made.write(stringConfig('b', '2'));
    await seen.sees({ a: 'longer', b: '2' });
  });

  it('changes of a directory given relative to the working directory', async () => {
    const made = workspace();
    const before = process.cwd();
    process.chdir(made.path);
    const seen = watched('.');
    process.chdir(before);
    seen.start();
    await vi.waitFor(() => expect(seen.reloads).toBeGreaterThan(0), LIMIT);
    const reloads = seen.reloads;

    made.write(stringConfig('a', '2'));

    await vi.waitFor(() => expect(seen.reloads).toBeGreaterThan(reloads), LIMIT);
  });
});

describe('a watched path that is a link', () => {
  it('shows edits of the directory it leads to, and each new target', async () => {
    const root = directory();
    const link = join(root, 'current');
    const [one, two, three] = ['one', 'two', 'three'].map((name) => workspace(join(root, name)));
    setLink(link, 'one');
    const seen = await watched(link).startAndSettle();

    one!.write(stringConfig('a', 'one edited'));
    await seen.sees({ a: 'one edited' });
    two!.write(stringConfig('a', 'two'));
    setLink(link, 'two');
    await seen.sees({ a: 'two' });
    three!.write(stringConfig('a', 'three'));
    setLink(link, 'three');
    await seen.sees({ a: 'three' });
    await vi.waitFor(() => expect(seen.watcher.watching).toBe(true), LIMIT);
    three!.write(stringConfig('a', 'three edited'));
    await seen.sees({ a: 'three edited' });
  });

  it('shows the target it has in the end, when it is set to another and back while the watch begins', async () => {
    const root = directory();
    const link = join(root, 'current');
    const [one, two] = ['one', 'two'].map((name) => workspace(join(root, name)));
    two!.write(stringConfig('a', 'two'));
    setLink(link, 'one');
    const seen = watched(link);
    const reachedTwo = vi.fn();
    seen.onReload = () => {
      if (seen.content?.['a'] === 'two' && reachedTwo.mock.calls.length === 0) {
        reachedTwo();
        setLink(link, 'one');
      }
      return Promise.resolve();
    };
    seen.start();
    setLink(link, 'two');
    await vi.waitFor(() => expect(reachedTwo).toHaveBeenCalled(), LIMIT);

    await seen.sees({ a: '1' });
    await vi.waitFor(() => expect(seen.watcher.watching).toBe(true), LIMIT);
    one!.write(stringConfig('a', 'one edited'));
    await seen.sees({ a: 'one edited' });
  });

  it('shows the new target of a link further up, as checkouts of a repository are switched', async () => {
    const root = directory();
    workspace(join(root, 'revision-1', 'quonfig'));
    const two = workspace(join(root, 'revision-2', 'quonfig'));
    two.write(stringConfig('a', '2'));
    setLink(join(root, 'current'), 'revision-1');
    const seen = await watched(join(root, 'current', 'quonfig')).startAndSettle();

    setLink(join(root, 'current'), 'revision-2');
    await seen.sees({ a: '2' });
    await vi.waitFor(() => expect(seen.watcher.watching).toBe(true), LIMIT);
    two.write(stringConfig('a', '3'));
    await seen.sees({ a: '3' });
  });
});

/** Publishes files as Kubernetes does for a mounted config map: a new directory, then one swap of the link `..data`. */
class ConfigMapMount {
  private version = 0;

  constructor(readonly path: string) {
    mkdirSync(path, { recursive: true });
  }

  publish(files: Record<string, string>, { keepOld = false } = {}): void {
    const link = join(this.path, '..data');
    const old = this.version === 0 ? undefined : readlinkSync(link);
    const name = `..2026_${++this.version}`;
    for (const [file, text] of Object.entries(files)) {
      new Workspace(join(this.path, name)).writeFile(file, text);
    }
    setLink(link, name);
    // What can be seen of the mount are links to the top-level names, through ..data.
    for (const entry of new Set(Object.keys(files).map((file) => file.split('/')[0]!))) {
      if (!readdirSync(this.path).includes(entry)) {
        symlinkSync(join('..data', entry), join(this.path, entry));
      }
    }
    if (old !== undefined && !keepOld) rmSync(join(this.path, old), { recursive: true });
  }
}

describe.each([
  ['which removes the old files', false],
  ['which leaves the old files for later', true],
])(
  'a workspace mounted from a Kubernetes config map shows each of several swaps, %s:',
  (_, keepOld) => {
    it('one mount for the whole workspace', async () => {
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
      const seen = await watched(mount.path).startAndSettle();

      for (const value of ['2', '3', '4', '5']) {
        publish(value);
        await seen.sees({ a: value });
      }
    });

    it('a mount for each directory', async () => {
      const made = createWorkspace();
      cleanups.push(() => made.cleanup());
      const mount = new ConfigMapMount(join(made.path, 'configs'));
      const publish = (value: string): void =>
        mount.publish({ 'a.json': JSON.stringify(stringConfig('a', value)) }, { keepOld });
      publish('1');
      const seen = await watched(made.path).startAndSettle();

      for (const value of ['2', '3', '4', '5']) {
        publish(value);
        await seen.sees({ a: value });
      }
    });

    it('one right after the other', async () => {
      const made = createWorkspace();
      cleanups.push(() => made.cleanup());
      const mount = new ConfigMapMount(join(made.path, 'configs'));
      const publish = (value: string): void =>
        mount.publish({ 'a.json': JSON.stringify(stringConfig('a', value)) }, { keepOld });
      publish('1');
      const seen = await watched(made.path).startAndSettle();

      publish('2');
      publish('3');
      await seen.sees({ a: '3' });
      publish('4');
      publish('5');
      await seen.sees({ a: '5' });
    });

    it('while it has to look for changes', async () => {
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
      const seen = await watched(mount.path).startAndSettle();

      for (const value of ['2', '3']) {
        publish(value);
        await seen.sees({ a: value });
      }
    });
  },
);

describe('a watched directory that is removed', () => {
  it('is reported, found again when it returns, and watched from then on', async () => {
    const root = directory();
    const made = workspace(join(root, 'workspace'));
    const seen = await watched(made.path).startAndSettle();

    for (const round of ['2', '3']) {
      rmSync(made.path, { recursive: true });
      await seen.sees(undefined);
      await vi.waitFor(() => expect(seen.watcher.watching).toBe(false), LIMIT);
      made.writeFile('quonfig.json', '{}');
      made.write(stringConfig('a', round));
      await seen.sees({ a: round });
      await vi.waitFor(() => expect(seen.watcher.watching).toBe(true), LIMIT);
      made.write(stringConfig('a', `${round} edited`));
      await seen.sees({ a: `${round} edited` });
    }
    expect(seen.log.messages('warn')).toEqual([]);
  });

  it('is watched anew when another takes its place at once', async () => {
    const root = directory();
    const made = workspace(join(root, 'workspace'));
    const seen = await watched(made.path).startAndSettle();

    rmSync(made.path, { recursive: true });
    made.writeFile('quonfig.json', '{}');
    made.write(stringConfig('a', '2'));
    await seen.sees({ a: '2' });
    const reloads = seen.reloads;
    // The new watch is in place when the reload that it causes is over.
    await vi.waitFor(() => {
      expect(seen.watcher.watching).toBe(true);
      expect(seen.reloads).toBeGreaterThan(reloads);
    }, LIMIT);
    made.write(stringConfig('a', '3'));
    await seen.sees({ a: '3' });
  });

  it('is found again by each of two that watch it', async () => {
    const made = workspace(join(directory(), 'workspace'));
    const both = [watched(made.path), watched(made.path)];
    for (const seen of both) await seen.startAndSettle();

    rmSync(made.path, { recursive: true });
    for (const seen of both) await seen.sees(undefined);
    made.writeFile('quonfig.json', '{}');
    made.write(stringConfig('a', '2'));
    for (const seen of both) {
      await seen.sees({ a: '2' });
      await vi.waitFor(() => expect(seen.watcher.watching).toBe(true), LIMIT);
    }
    made.write(stringConfig('a', '3'));
    for (const seen of both) await seen.sees({ a: '3' });
  });

  it('may also not be there at the start', async () => {
    const path = join(directory(), 'workspace');
    const seen = watched(path).start();

    workspace(path);

    await seen.sees({ a: '1' });
  });
});

describe('a reload', () => {
  it('that fails is logged without what may be a secret, and the next change is reported', async () => {
    const made = workspace();
    const seen = watched(made.path);
    seen.onReload = () => Promise.reject(new TypeError('s3cret'));
    await seen.startAndSettle();
    await vi.waitFor(
      () => expect(seen.log.messages('error')).toEqual([reloadFailed(made.path, 'TypeError')]),
      LIMIT,
    );

    made.write(stringConfig('a', '2'));
    await seen.sees({ a: '2' });
  });

  it('that is under way when a file changes is followed by another', async () => {
    const made = workspace();
    const seen = watched(made.path);
    let finish = (): void => {};
    seen.onReload = () => new Promise((resolve) => (finish = resolve));
    seen.start();
    await vi.waitFor(() => expect(seen.reloads).toBe(1), LIMIT);

    made.write(stringConfig('a', '2'));
    // Another one sees the change; then the held one has had as much time to.
    await watched(made.path).start().sees({ a: '2' });
    expect(seen.content).toEqual({ a: '1' });
    finish();

    await seen.sees({ a: '2' });
  });
});

/** How many files and directories this process watches at present. */
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
      // The descriptor that listed the others is gone.
    }
  }
  return count;
}

describe('a closed watcher', () => {
  it('reports nothing any more', async () => {
    const made = workspace();
    const seen = await watched(made.path).startAndSettle();
    const other = await watched(made.path).startAndSettle();
    const { reloads } = seen;

    made.write(stringConfig('a', '2'));
    await seen.watcher.close();
    await other.sees({ a: '2' });
    made.write(stringConfig('a', '3'));
    await other.sees({ a: '3' });

    expect(seen.reloads).toBe(reloads);
    expect(seen.watcher.watching).toBe(false);
  });

  it('holds no file, whenever it is closed', async () => {
    const made = workspace();
    for (let i = 0; i < 200; i++) made.write(stringConfig(`more-${i}`, ''));
    const before = watchCount();

    const settled = await watched(made.path).startAndSettle();
    expect(watchCount()).toBeGreaterThan(before);
    await settled.watcher.close();
    expect(watchCount()).toBe(before);

    for (let turns = 0; turns < 40; turns++) {
      const seen = watched(made.path).start();
      for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
      await seen.watcher.close();
    }
    const control = await watched(made.path).startAndSettle();
    await control.watcher.close();
    await vi.waitFor(() => expect(watchCount()).toBe(before), LIMIT);
  });

  it('can be closed again, and not be started', async () => {
    const made = workspace();
    const seen = watched(made.path);
    const closing = seen.watcher.close();
    expect(seen.watcher.close()).toBe(closing);
    await closing;

    seen.start();
    await watched(made.path).startAndSettle();

    expect(seen.watcher.watching).toBe(false);
    expect(seen.reloads).toBe(0);
  });

  it('can be closed by the reload it calls', async () => {
    const made = workspace();
    const seen = watched(made.path);
    let closed = false;
    seen.onReload = async () => {
      await seen.watcher.close();
      closed = true;
    };
    seen.start();

    await vi.waitFor(() => expect(closed).toBe(true), LIMIT);
  });

  it('is started once, however often it is asked', async () => {
    const made = workspace();
    const seen = watched(made.path);
    seen.start();
    seen.watcher.start(() => Promise.reject(new Error('never called')));
    await seen.startAndSettle();
    writeFileSync(join(made.path, 'configs/a.json'), JSON.stringify(stringConfig('a', '2')));

    await seen.sees({ a: '2' });
    expect(seen.log.messages('error')).toEqual([]);
  });
});
