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

const TIMEOUT = { timeout: 15_000, interval: 20 };
const watchMock = vi.mocked(watch);
let workspace: Workspace;
let watched: WatchedWorkspace;

beforeEach(() => {
  watchMock.mockClear();
  workspace = createWorkspace({ configs: [stringConfig('a', '1')] });
  watched = new WatchedWorkspace(workspace.path);
});

afterEach(async () => {
  await watched.watcher.close();
  workspace.cleanup();
});

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: no watches left`), { code });
}

function latestWatch(): FSWatcher {
  return watchMock.mock.results.at(-1)!.value as FSWatcher;
}

describe('a datadir that cannot be watched', () => {
  it('a watcher that fails to start is logged once and retried until it succeeds', async () => {
    for (let i = 0; i < 2; i++) {
      watchMock.mockImplementationOnce(() => {
        throw systemError('ENOSPC');
      });
    }
    watched.start();
    await vi.waitFor(() => expect(watched.log.messages('warn')).not.toEqual([]), TIMEOUT);
    expect(watched.watcher.watching).toBe(false);

    await vi.waitFor(() => expect(watched.watcher.watching).toBe(true), TIMEOUT);
    expect(watched.log.messages('warn')).toEqual([watchFailed(workspace.path, 'ENOSPC')]);
    expect(watched.log.messages('debug')).toEqual([watchFailedAgain(workspace.path, 'ENOSPC', 2)]);
    expect(watched.log.messages('info')).toEqual([watchRestored(workspace.path)]);
    workspace.write(stringConfig('a', '2'));
    await watched.loads({ a: '2' });
  });

  it('a watcher that failed to start can be closed', async () => {
    watchMock.mockImplementationOnce(() => {
      throw systemError('EMFILE');
    });
    watched.start();
    await vi.waitFor(() => expect(watched.log.messages('warn')).not.toEqual([]), TIMEOUT);

    await watched.watcher.close();

    expect(watchMock).toHaveBeenCalledTimes(1);
  });
});

describe('a watcher that fails later', () => {
  it('a failing watcher logs one warning and restarts', async () => {
    await watched.startAndSettle();
    const first = latestWatch();
    for (let i = 0; i < 100; i++) first.emit('error', systemError('EIO'));
    expect(watched.watcher.watching).toBe(false);

    await vi.waitFor(() => expect(watched.watcher.watching).toBe(true), TIMEOUT);
    expect(first.closed).toBe(true);
    expect(watched.log.messages('warn')).toEqual([watchFailed(workspace.path, 'EIO')]);
    expect(watched.log.messages('info')).toEqual([watchRestored(workspace.path)]);
    workspace.write(stringConfig('a', '2'));
    await watched.loads({ a: '2' });
  });

  it('a failing watcher still delivers changes until it restarts', async () => {
    await watched.startAndSettle();
    latestWatch().emit('error', systemError('ENOSPC'));

    workspace.write(stringConfig('a', '2'));

    await watched.loads({ a: '2' });
  });

  it('a watcher failure is logged without secrets', async () => {
    await watched.startAndSettle();

    latestWatch().emit('error', 's3cret');

    expect(watched.log.messages('warn')).toEqual([watchFailed(workspace.path, 'unknown error')]);
  });

  it('an error after close() does not end the process', async () => {
    await watched.startAndSettle();
    const watcher = latestWatch();
    await watched.watcher.close();

    expect(watcher.emit('error', systemError('EIO'))).toBe(true);
    expect(watched.log.messages('warn')).toEqual([]);
  });

  it.each([
    ['ENOSPC', 'fs.inotify.max_user_watches'],
    ['EMFILE', 'ulimit -n'],
    ['EACCES', 'permission'],
    ['EIO', 'CHOKIDAR_USEPOLLING'],
  ])('a watcher failure is logged with the remedy for %s', async (code, remedy) => {
    await watched.startAndSettle();

    latestWatch().emit('error', systemError(code));

    expect(watched.log.messages('warn')).toEqual([expect.stringContaining(remedy)]);
  });
});
