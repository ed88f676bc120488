import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const OWNER_ONLY = 0o700;

/**
 * Creates a directory that only its owner can use, and those above it. Node's recursive `mkdir` retries without end if the
 * system reports ENOENT below a directory that exists, as it does in `/proc` and in a mount whose origin was deleted.
 *
 * @throws the error of the file system
 */
export async function makePrivateDirectory(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path) throw error;
    if (!(await isDirectory(parent))) await makePrivateDirectory(parent);
    // Once more even if the parent exists: another process may have created it in the meantime.
    await makeOne(path);
  }
}

/** Another process may have created the directory. */
async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: OWNER_ONLY });
  } catch (error) {
    if (!(await isDirectory(path))) throw error;
  }
}

function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  );
}
