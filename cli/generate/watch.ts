import { relative, resolve, sep } from 'node:path';
import { watch } from 'chokidar';
import { CommandError } from '../command.errors.js';
import type { Terminal } from '../terminal.js';
import { CONFIG_DIRECTORIES, SCHEMA_DIRECTORIES } from '../workspace/workspace-files.js';
import { watchFailed, watching } from './generate.messages.js';

/** How long the files must be quiet: an editor or `git` writes several at once. */
const QUIET_MS = 150;

/**
 * Runs a task, and again after every burst of changes, until the process is interrupted. A broken file is reported, and the
 * next change may mend it.
 */
export async function followWorkspace(
  workspace: string,
  task: () => Promise<unknown>,
  terminal: Terminal,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const run = async (): Promise<void> => {
    try {
      await task();
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      terminal.fail(watchFailed(error.message));
    }
  };
  const watcher = watch(workspace, {
    ignoreInitial: true,
    ignored: (path) => !isPartOf(workspace, path),
  });
  const failed = new Promise<never>((_resolve, reject) => {
    watcher.on('error', reject);
    // Not earlier: what changes before that is not reported.
    watcher.on('ready', () => {
      running = running
        .then(run)
        .then(() => terminal.note(watching(workspace)))
        .catch(reject);
    });
    watcher.on('all', () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        running = running.then(run).catch(reject);
      }, QUIET_MS);
    });
  });
  const interrupted = new Promise<void>((end) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end());
  });
  try {
    await Promise.race([interrupted, failed]);
  } finally {
    clearTimeout(timer);
    await watcher.close();
    await running;
  }
}

/** Other files may be there, too: those that are generated, or a whole project. */
function isPartOf(workspace: string, path: string): boolean {
  const [directory = ''] = relative(resolve(workspace), resolve(path)).split(sep);
  return directory === '' || DIRECTORIES.has(directory);
}

const DIRECTORIES = new Set<string>([...Object.keys(CONFIG_DIRECTORIES), ...SCHEMA_DIRECTORIES]);
