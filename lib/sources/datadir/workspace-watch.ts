import { join } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import { CONTENT_LINK } from './datadir-identity.js';
import { isPartOfWorkspace } from './workspace-layout.js';

/**
 * On Linux a watch can be had that shares no handle with others of the process: a shared handle would go on watching a
 * directory that has since been replaced. It also does not keep the process alive. Elsewhere such a watch would leave
 * errors of the system unhandled.
 */
const ON_LINUX = process.platform === 'linux';

export interface WorkspaceWatchEvents {
  changed(): void;
  /** Everything is watched from now on. */
  ready(): void;
  /** Something is not, or no longer, watched. May come more than once. */
  failed(error: unknown): void;
}

/** Watches the directories and files of a workspace that are read, links followed, until it is closed. */
export class WorkspaceWatch {
  private readonly watcher: FSWatcher;

  /** @throws whatever the system throws when nothing can be watched */
  constructor(datadir: string, events: WorkspaceWatchEvents) {
    this.watcher = watch(datadir, {
      ignoreInitial: true,
      persistent: !ON_LINUX,
      // Changes are gathered by the reload schedule, so nothing needs to be held back here.
      atomic: false,
      ignored: (path) => !isPartOfWorkspace(datadir, path),
    })
      .on('all', () => events.changed())
      .on('ready', () => events.ready())
      .on('error', (error) => events.failed(error));
    if (!ON_LINUX) return;
    // What the system itself reports: also link swaps, and changes too close to each other to come as events.
    this.watcher.on('raw', (_event, name: string | null, details) => {
      // Where files are polled instead, there is no such report.
      const { watchedPath } = details as { watchedPath?: string };
      if (watchedPath === undefined || name === null) return;
      if (name === CONTENT_LINK || isPartOfWorkspace(datadir, join(watchedPath, name))) {
        events.changed();
      }
    });
  }

  async close(): Promise<void> {
    const closing = this.watcher.close();
    // Closing takes the listeners away, and an error that comes without one would end the process.
    this.watcher.on('error', () => {});
    await closing;
  }
}
