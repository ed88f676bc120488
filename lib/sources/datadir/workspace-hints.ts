import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { directoryMisnamed, noConfigFiles } from './workspace-hints.messages.js';
import { CONFIG_DIRECTORIES, SETTINGS_FILE } from './workspace-layout.js';

/** A parent directory can be any directory of the machine, with any number of entries. */
const MAX_CHILDREN = 100;
const LINK_OR_DIRECTORY = (entry: Dirent): boolean => entry.isDirectory() || entry.isSymbolicLink();

/** Names that are mistaken for those of config directories, in lower case, without punctuation and the plural's `s`. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ['config', 'configs'],
  ['flag', 'feature-flags'],
  ['feature', 'feature-flags'],
  ['featureflag', 'feature-flags'],
  ['segment', 'segments'],
  ['loglevel', 'log-levels'],
  ['logger', 'log-levels'],
]);

/** Finds the workspace one level above or below a directory that is none. */
export async function workspaceNear(directory: string): Promise<string | undefined> {
  const names = (await entriesOf(directory)).filter(LINK_OR_DIRECTORY).map(({ name }) => name);
  const children = names.sort().slice(0, MAX_CHILDREN);
  const candidates = [dirname(directory), ...children.map((name) => join(directory, name))];
  for (const candidate of candidates) {
    if (await exists(join(candidate, SETTINGS_FILE))) return candidate;
  }
  return undefined;
}

/** Finds directories that were probably meant to be read, and a workspace without configs. Returns one message each. */
export async function layoutFindings(datadir: string, isEmpty: boolean): Promise<string[]> {
  const findings: string[] = [];
  for (const { name } of (await entriesOf(datadir)).filter(LINK_OR_DIRECTORY)) {
    const meant = MEANT.get(
      name
        .toLowerCase()
        .replaceAll(/[^a-z]/g, '')
        .replace(/s$/, ''),
    );
    if (meant === undefined || name === meant) continue;
    // Where case does not matter, the directory has been read.
    if (name.toLowerCase() === meant && (await exists(join(datadir, meant)))) continue;
    findings.push(directoryMisnamed(join(datadir, name), meant));
  }
  if (isEmpty && findings.length === 0) findings.push(noConfigFiles(datadir, CONFIG_DIRECTORIES));
  return findings;
}

async function entriesOf(directory: string): Promise<Dirent[]> {
  return readdir(directory, { withFileTypes: true }).catch(() => []);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
