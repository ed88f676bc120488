import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { lstatSync } from 'node:fs';
import { chmod, link, lstat, readdir, rename, rm } from 'node:fs/promises';
import type { Server } from 'node:net';
import { basename, join } from 'node:path';
import { isOtherUser, makePrivateDirectory } from '../../model/index.js';
import { errorCode } from '../../requests/index.js';
import {
  directoryIrregular,
  directoryOfOtherUser,
  directoryOpen,
  directoryUnusable,
  socketPathTooLong,
  socketUnsafe,
} from './cluster.messages.js';

/** The longest path of a socket that every platform takes, in bytes. */
const MAX_PATH_BYTES = 103;
/** Random bytes of a temporary name, which follow the name in hexadecimal digits, after a dot. */
const TEMPORARY_BYTES = 4;
const TEMPORARY_SUFFIX_LENGTH = 1 + 2 * TEMPORARY_BYTES;
const OWNER_ONLY = 0o600;
const ANY_OTHER = 0o077;
/** A temporary name of this age was left by a process that was killed. */
const ABANDONED_MS = 60_000;

/** A place that must not be used. The message says why, for a log line. */
class UnusablePlaceError extends Error {}

/** A socket at its place. It differs from every other one, also from a later one at the same place. */
export type SocketIdentity = string;

/** Where the processes of a user meet: the place of one socket, which the leading process holds. */
export interface MeetingPlace {
  /** Path of the socket. */
  readonly path: string;
  /**
   * Returns the socket at the place; `undefined` if there is none.
   *
   * @throws {UnusablePlaceError} others could have put it there
   */
  find(): Promise<SocketIdentity | undefined>;
  /**
   * Lets a server listen at the place.
   *
   * @returns `undefined` if another socket is there already; the server is closed then
   * @throws {UnusablePlaceError} the place cannot be used
   */
  claim(server: Server): Promise<SocketIdentity | undefined>;
  /** Removes this socket, unless another one has taken its place. Never rejects. */
  remove(identity: SocketIdentity): Promise<void>;
}

/**
 * A socket in a directory that only its user may enter.
 *
 * The socket itself is the lock: a server listens under a temporary name first, and a hard link gives it the final one, which
 * fails if another socket is there. A socket that is there accepts connections, therefore, or its process is gone.
 */
export class SocketPlace implements MeetingPlace {
  readonly path: string;

  constructor(
    private readonly directory: string,
    name: string,
  ) {
    this.path = join(directory, name);
  }

  // Looks synchronously: in a process that is starting, the first use of Node's thread pool would take longer than all else here.
  async find(): Promise<SocketIdentity | undefined> {
    await this.prepare();
    let status;
    try {
      status = lstatSync(this.path, { bigint: true, throwIfNoEntry: false });
    } catch (error) {
      throw new UnusablePlaceError(directoryUnusable(this.directory, errorCode(error)));
    }
    if (status === undefined) return undefined;
    if (!status.isSocket() || isOtherUser(Number(status.uid))) {
      throw new UnusablePlaceError(socketUnsafe(this.path));
    }
    return identityOf(status);
  }

  async claim(server: Server): Promise<SocketIdentity | undefined> {
    const temporary = this.temporaryName();
    try {
      await listening(server, temporary);
      await chmod(temporary, OWNER_ONLY);
      const identity = identityOf(await lstat(temporary, { bigint: true }));
      await link(temporary, this.path);
      await this.removeAbandoned();
      return identity;
    } catch (error) {
      server.close();
      if (errorCode(error) === 'EEXIST') return undefined;
      throw new UnusablePlaceError(directoryUnusable(this.directory, errorCode(error)));
    } finally {
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }

  async remove(identity: SocketIdentity): Promise<void> {
    const moved = this.temporaryName();
    try {
      if (identityOf(await lstat(this.path, { bigint: true })) !== identity) return;
      // Nothing removes a file only if it is a certain one: move it away, and put it back if it is another one.
      await rename(this.path, moved);
      if (identityOf(await lstat(moved, { bigint: true })) !== identity) {
        await link(moved, this.path);
      }
    } catch {
      // Somebody else has removed or replaced it.
    } finally {
      await rm(moved, { force: true }).catch(() => undefined);
    }
  }

  private async prepare(): Promise<void> {
    const { directory } = this;
    const excess = Buffer.byteLength(this.path) + TEMPORARY_SUFFIX_LENGTH - MAX_PATH_BYTES;
    if (excess > 0) {
      const maxBytes = Buffer.byteLength(directory) - excess;
      throw new UnusablePlaceError(socketPathTooLong(this.path, maxBytes));
    }
    let status;
    try {
      status = lstatSync(directory, { throwIfNoEntry: false });
      if (status === undefined) {
        await makePrivateDirectory(directory);
        status = lstatSync(directory);
      }
    } catch (error) {
      throw new UnusablePlaceError(directoryUnusable(directory, errorCode(error)));
    }
    const { uid, mode } = status;
    if (!status.isDirectory()) throw new UnusablePlaceError(directoryIrregular(directory));
    if (isOtherUser(uid)) throw new UnusablePlaceError(directoryOfOtherUser(directory, uid));
    if ((mode & ANY_OTHER) !== 0) throw new UnusablePlaceError(directoryOpen(directory, mode));
  }

  private temporaryName(): string {
    return `${this.path}.${randomBytes(TEMPORARY_BYTES).toString('hex')}`;
  }

  private async removeAbandoned(): Promise<void> {
    const prefix = `${basename(this.path)}.`;
    for (const name of await readdir(this.directory)) {
      if (!name.startsWith(prefix)) continue;
      const path = join(this.directory, name);
      const status = await lstat(path).catch(() => undefined);
      if (status !== undefined && Date.now() - status.mtimeMs > ABANDONED_MS) {
        await rm(path, { force: true }).catch(() => undefined);
      }
    }
  }
}

/** A named pipe of Windows, which the system removes with its process. */
export class PipePlace implements MeetingPlace {
  readonly path: string;

  constructor(name: string) {
    this.path = `\\\\.\\pipe\\${name}`;
  }

  find(): Promise<SocketIdentity> {
    return Promise.resolve(this.path);
  }

  async claim(server: Server): Promise<SocketIdentity | undefined> {
    try {
      await listening(server, this.path);
      return this.path;
    } catch (error) {
      server.close();
      if (errorCode(error) === 'EADDRINUSE') return undefined;
      throw new UnusablePlaceError(directoryUnusable(this.path, errorCode(error)));
    }
  }

  remove(): Promise<void> {
    return Promise.resolve();
  }
}

/** Exclusive, because otherwise the primary of a cluster would listen for its workers. */
async function listening(server: Server, path: string): Promise<void> {
  server.listen({ path, exclusive: true });
  await once(server, 'listening');
  server.unref();
}

/** Numbers of files are used again; the time tells their owners apart. A link or another name changes neither. */
function identityOf({ dev, ino, mtimeNs }: Record<'dev' | 'ino' | 'mtimeNs', bigint>): string {
  return `${dev}:${ino}:${mtimeNs}`;
}
