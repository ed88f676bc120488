import { type FSWatcher, watch } from 'chokidar';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  watchFailed,
  watchFailedAgain,
  watchRestored,
} from '../../../lib/sources/datadir/datadir-watcher.messages.js';
import { WatchedWorkspace } from '../../support/watched-workspace.js';
import { createWorkspace, stringConfig, type Workspace } from '../../support/workspace.js';

// The real watching throughout; only what the system answers when it has no watches left is made up.
vi.mock('chokidar', async (importOriginal) => {
  const original = await importOriginal<typeof import('chokidar')>();
  return { ...original, watch: vi.fn(original.watch) };
});

const LIMIT = { timeout: 15_000, interval: 20 };
const watchMock = vi.mocked(watch);
let workspace: Workspace;
let seen: WatchedWorkspace;

beforeEach(() => {
  watchMock.mockClear();
  workspace = createWorkspace({ configs: [stringConfig('a', '1')] });
  seen = new WatchedWorkspace(workspace.path);
});

afterEach(async () => {
  await seen.watcher.close();
  workspace.cleanup();
});

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: no watches left`), { code });
}

function latestWatch(): FSWatcher {
  return watchMock.mock.results.at(-1)!.value as FSWatcher;
}

describe('a workspace that cannot be watched', () => {
  it('is warned of once, tried again, and watched as soon as that succeeds', async () => {
    for (let i = 0; i < 2; i++) {
      watchMock.mockImplementationOnce(() => {
        throw systemError('ENOSPC');
      });
    }
    seen.start();
    await vi.waitFor(() => expect(seen.log.messages('warn')).not.toEqual([]), LIMIT);
    expect(seen.watcher.watching).toBe(false);

    await vi.waitFor(() => expect(seen.watcher.watching).toBe(true), LIMIT);
    expect(seen.log.messages('warn')).toEqual([watchFailed(workspace.path, 'ENOSPC')]);
    expect(seen.log.messages('debug')).toEqual([watchFailedAgain(workspace.path, 'ENOSPC', 2)]);
    expect(seen.log.messages('info')).toEqual([watchRestored(workspace.path)]);
    workspace.write(stringConfig('a', '2'));
    await seen.sees({ a: '2' });
  });

  it('does not keep from closing', async () => {
    watchMock.mockImplementationOnce(() => {
      throw systemError('EMFILE');
    });
    seen.start();
    await vi.waitFor(() => expect(seen.log.messages('warn')).not.toEqual([]), LIMIT);

    await seen.watcher.close();

    expect(watchMock).toHaveBeenCalledTimes(1);
  });
});

describe('a watch that fails later', () => {
  it('is warned of once however many errors come, and set up again', async () => {
    await seen.startAndSettle();
    const first = latestWatch();
    for (let i = 0; i < 100; i++) first.emit('error', systemError('EIO'));
    expect(seen.watcher.watching).toBe(false);

    await vi.waitFor(() => expect(seen.watcher.watching).toBe(true), LIMIT);
    expect(first.closed).toBe(true);
    expect(seen.log.messages('warn')).toEqual([watchFailed(workspace.path, 'EIO')]);
    expect(seen.log.messages('info')).toEqual([watchRestored(workspace.path)]);
    workspace.write(stringConfig('a', '2'));
    await seen.sees({ a: '2' });
  });

  it('still shows what it can until then', async () => {
    await seen.startAndSettle();
    latestWatch().emit('error', systemError('ENOSPC'));

    workspace.write(stringConfig('a', '2'));

    await seen.sees({ a: '2' });
  });

  it('is told without what may be a secret', async () => {
    await seen.startAndSettle();

    latestWatch().emit('error', 's3cret');

    expect(seen.log.messages('warn')).toEqual([watchFailed(workspace.path, 'unknown error')]);
  });

  it('cannot end the process with an error that comes after the close', async () => {
    await seen.startAndSettle();
    const watcher = latestWatch();
    await seen.watcher.close();

    expect(watcher.emit('error', systemError('EIO'))).toBe(true);
    expect(seen.log.messages('warn')).toEqual([]);
  });

  it.each([
    ['ENOSPC', 'fs.inotify.max_user_watches'],
    ['EMFILE', 'ulimit -n'],
    ['EACCES', 'permission'],
    ['EIO', 'CHOKIDAR_USEPOLLING'],
  ])('is told with what to do about %s', async (code, remedy) => {
    await seen.startAndSettle();

    latestWatch().emit('error', systemError(code));

    expect(seen.log.messages('warn')).toEqual([expect.stringContaining(remedy)]);
  });
});
