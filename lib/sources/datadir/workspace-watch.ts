import { join } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import { CONTENT_LINK } from './datadir-identity.js';
import { isPartOfWorkspace } from './workspace-layout.js';

/**
 * On Linux, a non-persistent watch shares no handle with other watches of the process (a shared handle would continue to
 * watch a directory that was replaced) and does not keep the process alive. On other systems, its system errors would be
 * unhandled.
 */
const ON_LINUX = process.platform === 'linux';

export interface WorkspaceWatchEvents {
  onChange(): void;
  /** The whole workspace is being watched. */
  onReady(): void;
  /** Something cannot be watched, or is no longer watched. May be called repeatedly. */
  onFailure(error: unknown): void;
}

/** Watches the files and directories that make up a workspace, including the targets of symbolic links, until it is closed. */
export class WorkspaceWatch {
  private readonly watcher: FSWatcher;

  /** @throws the system error if nothing can be watched */
  constructor(datadir: string, events: WorkspaceWatchEvents) {
    this.watcher = watch(datadir, {
      ignoreInitial: true,
      persistent: !ON_LINUX,
      // The reload schedule already debounces changes.
      atomic: false,
      ignored: (path) => !isPartOfWorkspace(datadir, path),
    })
      .on('all', () => events.onChange())
      .on('ready', () => events.onReady())
      .on('error', (error) => events.onFailure(error));
    if (!ON_LINUX) return;
    // Raw events also report replaced links, and changes that follow each other too quickly for regular events.
    this.watcher.on('raw', (_event, name: string | null, details) => {
      // Raw events of polled files have no path.
      const { watchedPath } = details as { watchedPath?: string };
      if (watchedPath === undefined || name === null) return;
      if (name === CONTENT_LINK || isPartOfWorkspace(datadir, join(watchedPath, name))) {
        events.onChange();
      }
    });
  }

  async close(): Promise<void> {
    const closing = this.watcher.close();
    // Closing removes all listeners, and a later error without a listener would terminate the process.
    this.watcher.on('error', () => {});
    await closing;
  }
}
