import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isOtherUser, makePrivateDirectory, userId } from '../model/index.js';
import type { DocumentStore, StagedDocument } from './document-store.js';
import {
  directoryOfOtherUser,
  fileIsIrregular,
  fileIsLink,
  fileOfOtherUser,
  fileTooLarge,
  fileWritableByOthers,
} from './persistence.messages.js';
import { StagedFiles } from './staged-files.js';

const OWNER_ONLY = 0o600;
const WRITABLE_BY_OTHERS = 0o022;
const ROOT = 0;
/** What Windows reports while another process, such as a virus scanner, has the file open. */
const IN_USE: ReadonlySet<unknown> = new Set(['EPERM', 'EACCES', 'EBUSY']);
/** How long to wait before each further attempt to replace a file that is in use. */
const PAUSES_MS: readonly number[] = [10, 20, 40, 80, 160, 320, 640];

/** One file as a store. It is replaced as a whole, so a reader finds the old or the new content, whatever kills a writer. */
export class FileStore implements DocumentStore {
  private readonly directory: string;
  private readonly staged: StagedFiles;

  /**
   * @param maxBytes larger files are not read
   * @param key identifies what is saved
   */
  constructor(
    private readonly path: string,
    private readonly maxBytes: number,
    key: string,
  ) {
    this.directory = dirname(path);
    this.staged = new StagedFiles(path, key);
  }

  /** @throws an error if the file is a link, it or its directory belongs to another user, or others may write to the file */
  async get(): Promise<string | undefined> {
    // Non-blocking, because opening a pipe would wait for its writer.
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    let file: FileHandle;
    try {
      await refuseDirectoryOfOthers(this.directory);
      file = await open(this.path, flags);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw codeOf(error) === 'ELOOP' ? new Error(fileIsLink) : error;
    }
    try {
      const status = await file.stat();
      refuseOtherThanOwnFile(status);
      const { mode, size } = status;
      if (userId() !== undefined && (mode & WRITABLE_BY_OTHERS) !== 0) {
        throw new Error(fileWritableByOthers);
      }
      if (size > this.maxBytes) throw new Error(fileTooLarge(this.maxBytes));
      return await contentOf(file, size);
    } finally {
      await file.close();
    }
  }

  /**
   * Writes the document to a file of its own, which the commit renames.
   *
   * @throws an error if the path is not a regular file, it or its directory belongs to another user, and what the file system throws
   */
  async stage(document: string, generation: number): Promise<StagedDocument | undefined> {
    await makePrivateDirectory(this.directory);
    await refuseDirectoryOfOthers(this.directory);
    const existing = await lstat(this.path).catch(() => undefined);
    if (existing !== undefined) refuseOtherThanOwnFile(existing);
    const staged = this.staged.pathFor(generation);
    const discard = (): Promise<void> => rm(staged, { force: true }).catch(() => undefined);
    try {
      await writeDurably(staged, document);
      if (!(await this.staged.outrank(generation))) {
        return { commit: () => this.commit(staged), discard };
      }
    } catch (error) {
      await discard();
      throw error;
    }
    await discard();
    return undefined;
  }

  close(): void {
    // Nothing stays open.
  }

  private async commit(staged: string): Promise<boolean> {
    try {
      await replace(this.path, staged);
    } catch (error) {
      // Another process removed it.
      if (codeOf(error) === 'ENOENT') return false;
      await rm(staged, { force: true }).catch(() => undefined);
      throw error;
    }
    await syncDirectory(this.directory);
    return true;
  }
}

/** The owner of a directory can replace what is in it, and a link to one leads anywhere. */
async function refuseDirectoryOfOthers(path: string): Promise<void> {
  for (const { uid } of [await lstat(path), await stat(path)]) {
    if (uid !== ROOT && isOtherUser(uid)) throw new Error(directoryOfOtherUser(uid));
  }
}

function refuseOtherThanOwnFile(status: Stats): void {
  if (status.isSymbolicLink()) throw new Error(fileIsLink);
  if (!status.isFile()) throw new Error(fileIsIrregular);
  if (isOtherUser(status.uid)) throw new Error(fileOfOtherUser(status.uid));
}

/** Reads no more than this size, even if the file grows. */
async function contentOf(file: FileHandle, size: number): Promise<string> {
  const content = Buffer.alloc(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await file.read(content, length, size - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return content.toString('utf8', 0, length);
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

/** Renames a file to the path of another one, which is briefly in use now and then. */
async function replace(path: string, staged: string): Promise<void> {
  for (const pause of PAUSES_MS) {
    try {
      await rename(staged, path);
      return;
    } catch (error) {
      if (!IN_USE.has(codeOf(error))) throw error;
    }
    await setTimeout(pause);
  }
  await rename(staged, path);
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
