import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CONFIG_DIRECTORIES } from './workspace-layout.js';

/** The link through which Kubernetes replaces all files of a mounted config map at once. */
export const CONTENT_LINK = '..data';

/** The identity of a directory that cannot be reached. */
export const ABSENT = '';

/**
 * Which directories a workspace path leads to at present. It changes when a link on the way is set to another target and
 * when a directory is replaced by a new one of the same name: what a watch on the directories found earlier does not see.
 */
export async function datadirIdentity(datadir: string): Promise<string> {
  const directories = [datadir, ...CONFIG_DIRECTORIES.map((name) => join(datadir, name))];
  const places = directories.flatMap((directory) => [directory, join(directory, CONTENT_LINK)]);
  const identities = await Promise.all(places.map(identityOf));
  return identities[0] === ABSENT ? ABSENT : identities.join('\n');
}

async function identityOf(path: string): Promise<string> {
  try {
    const target = await realpath(path);
    const { dev, ino, birthtimeMs } = await stat(target);
    // Inode numbers are used again: a directory made anew may have that of the one removed before.
    return [target, dev, ino, birthtimeMs].join(':');
  } catch {
    return ABSENT;
  }
}
