import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CONFIG_DIRECTORIES } from './workspace-layout.js';

/** The symbolic link that Kubernetes uses to replace all files of a mounted config map at once. */
export const CONTENT_LINK = '..data';

/** The identity of a missing or unreadable directory. */
export const ABSENT = '';

/**
 * Returns a string that identifies the directories to which a workspace path currently resolves. It changes when a symbolic
 * link gets another target or a directory is replaced: a watch on the earlier directories does not report either.
 */
export async function datadirIdentity(datadir: string): Promise<string> {
  const directories = [datadir, ...CONFIG_DIRECTORIES.map((name) => join(datadir, name))];
  const paths = directories.flatMap((directory) => [directory, join(directory, CONTENT_LINK)]);
  const identities = await Promise.all(paths.map(identityOf));
  return identities[0] === ABSENT ? ABSENT : identities.join('\n');
}

async function identityOf(path: string): Promise<string> {
  try {
    const target = await realpath(path);
    const { dev, ino, birthtimeMs } = await stat(target);
    // Include the creation time: a new directory may reuse the inode number of a removed one.
    return [target, dev, ino, birthtimeMs].join(':');
  } catch {
    return ABSENT;
  }
}
