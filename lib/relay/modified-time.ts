import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Returns the time of the latest change of a file or directory, in ms. Rounded, because copying may change the last digits. A directory changes when a file in it is created, renamed
 * or removed. Paths that do not exist are skipped.
 */
export async function lastModified(directory: string, paths: readonly string[]): Promise<number> {
  const times = await Promise.all(paths.map((path) => modifiedIn(join(directory, path))));
  return Math.round(Math.max(0, ...times));
}

async function modifiedIn(path: string): Promise<number> {
  try {
    const stats = await stat(path);
    if (!stats.isDirectory()) return stats.mtimeMs;
    const names = (await readdir(path)).filter((name) => name.endsWith('.json'));
    const times = await Promise.all(
      names.map(async (name) => (await stat(join(path, name))).mtimeMs),
    );
    return Math.max(stats.mtimeMs, ...times);
  } catch {
    return 0;
  }
}
