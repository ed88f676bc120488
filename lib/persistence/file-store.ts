import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { PersistenceStore } from './persistence-options.js';
import {
  fileIsIrregular,
  fileIsLink,
  fileOfOtherUser,
  fileTooLarge,
  fileWritableByOthers,
} from './persistence.messages.js';

const OWNER_ONLY = 0o600;
const DIRECTORY_OWNER_ONLY = 0o700;
const WRITABLE_BY_OTHERS = 0o022;
/** A temporary file of this age was left by a process that was killed. */
const ABANDONED_MS = 3_600_000;

/** One file as a store. It is replaced as a whole, so a reader finds the old or the new content, whatever kills a writer. */
export class FileStore implements PersistenceStore {
  private tidied = false;

  constructor(
    private readonly path: string,
    private readonly maxBytes: number,
  ) {}

  /** @throws an error if the file is a link, belongs to another user, or others may write to it */
  async get(): Promise<string | undefined> {
    // Non-blocking, because opening a pipe would wait for its writer.
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    let file: FileHandle;
    try {
      file = await open(this.path, flags);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw codeOf(error) === 'ELOOP' ? new Error(fileIsLink) : error;
    }
    try {
      const status = await file.stat();
      if (!status.isFile()) throw new Error(fileIsIrregular);
      const user = process.geteuid?.();
      if (user !== undefined) {
        if (status.uid !== user) throw new Error(fileOfOtherUser);
        if ((status.mode & WRITABLE_BY_OTHERS) !== 0) throw new Error(fileWritableByOthers);
      }
      if (status.size > this.maxBytes) throw new Error(fileTooLarge(this.maxBytes));
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  }

  /** @throws an error if the path is a link or not a regular file, and what the file system throws */
  async set(_key: string, content: string): Promise<void> {
    const directory = dirname(this.path);
    await mkdir(directory, { recursive: true, mode: DIRECTORY_OWNER_ONLY });
    await this.refuseOtherThanFile();
    if (!this.tidied) await this.removeAbandoned(directory);
    this.tidied = true;
    const temporary = `${this.path}.${randomBytes(6).toString('hex')}.tmp`;
    try {
      await writeDurably(temporary, content);
      await rename(temporary, this.path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
    await syncDirectory(directory);
  }

  private async refuseOtherThanFile(): Promise<void> {
    const status = await lstat(this.path).catch(() => undefined);
    if (status?.isSymbolicLink()) throw new Error(fileIsLink);
    if (status !== undefined && !status.isFile()) throw new Error(fileIsIrregular);
  }

  private async removeAbandoned(directory: string): Promise<void> {
    const prefix = `${basename(this.path)}.`;
    for (const name of await readdir(directory)) {
      if (!name.startsWith(prefix) || !/^[0-9a-f]{12}\.tmp$/.test(name.slice(prefix.length)))
        continue;
      const path = join(directory, name);
      const status = await stat(path).catch(() => undefined);
      if (status !== undefined && Date.now() - status.mtimeMs > ABANDONED_MS) {
        await rm(path, { force: true }).catch(() => undefined);
      }
    }
  }
}

/** Creates a file with this content, on the disk when the promise resolves. */
async function writeDurably(path: string, content: string): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
  const file = await open(path, flags | (constants.O_NOFOLLOW ?? 0), OWNER_ONLY);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a rename durable where the platform can open directories. */
async function syncDirectory(path: string): Promise<void> {
  try {
    const directory = await open(path, constants.O_RDONLY);
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } catch {
    // Windows cannot, and the content is safe either way.
  }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code;
}
