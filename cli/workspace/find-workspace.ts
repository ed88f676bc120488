import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { MisuseError } from '../command.errors.js';
import { notWorkspace, workspaceElsewhere, workspaceNotFound } from './workspace.messages.js';

export const SETTINGS_FILE = 'quonfig.json';

/** Where a workspace is expected if nobody says where it is. */
const USUAL_PLACES = ['our-config', '.quonfig'];

/**
 * Returns the directory of the workspace: `--datadir`, else the variable `QUONFIG_DIR`, else one of the usual places.
 *
 * @param datadir the value of `--datadir`
 * @throws {MisuseError} names a directory that looks like a workspace, if there is one
 */
export function findWorkspace(datadir: string | undefined, env = process.env): string {
  const given = datadir ?? (env['QUONFIG_DIR'] || undefined);
  if (given === undefined) {
    const found = USUAL_PLACES.find(isWorkspace);
    if (found !== undefined) return found;
    const near = workspaceNear('.');
    throw new MisuseError(near === undefined ? workspaceNotFound() : workspaceElsewhere(near));
  }
  if (isWorkspace(given)) return given;
  const option = datadir === undefined ? 'QUONFIG_DIR' : '--datadir';
  throw new MisuseError(notWorkspace(given, isDirectory(given), option, workspaceNear(given)));
}

function isWorkspace(directory: string): boolean {
  return existsSync(join(directory, SETTINGS_FILE));
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Returns a workspace at or directly below a path, or the one that the path is in: one of its directories or files. */
function workspaceNear(path: string): string | undefined {
  const above = [join(path, '..'), join(path, '../..')].map(normalize);
  return [path, ...directoriesIn(path), ...above].find(isWorkspace);
}

function directoriesIn(directory: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
    .map((entry) => join(directory, entry.name));
}
