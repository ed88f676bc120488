import type { Terminal } from '../terminal.js';
import { readWorkspace, type WorkspaceFiles } from './workspace-files.js';

/** Reads all files of a workspace, and reports the progress if it takes long. */
export function readWithProgress(datadir: string, terminal: Terminal): WorkspaceFiles {
  const progress = terminal.progress('Reading files');
  try {
    return readWorkspace(datadir, (done, total) => progress.report(done, total));
  } finally {
    progress.end();
  }
}
