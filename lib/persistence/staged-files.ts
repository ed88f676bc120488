import { createHash, randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isOtherUser } from '../model/index.js';

/** A staged file of this age was left by a process that was killed. */
const ABANDONED_MS = 30_000;

/**
 * The files that are about to replace one file, beside it. Their names contain the generation, by which writers in several
 * processes find out who may replace the file: a writer first creates its staged file, then looks at those of the others, and
 * only then at the file itself. Of two writers, the one that looks last sees the other, and then the older generation loses: it
 * gives up, or its staged file is removed, so that it cannot be renamed.
 */
export class StagedFiles {
  private readonly directory: string;
  /** A hash, because a name that contains that of the file could be too long. */
  private readonly prefix: string;

  /** @param key processes with different keys do not look at each other's files */
  constructor(path: string, key: string) {
    this.directory = dirname(path);
    const hash = createHash('sha256')
      .update(`${key}\n${basename(path)}`)
      .digest('hex');
    this.prefix = `.quonfig-${hash.slice(0, 16)}-`;
  }

  /** Returns a new path for a document of this generation. */
  pathFor(generation: number): string {
    const name = `${this.prefix}${generation}-${randomBytes(6).toString('hex')}.tmp`;
    return join(this.directory, name);
  }

  /** Removes the staged files of older generations, and abandoned ones. Returns whether one of a newer generation is left. */
  async outrank(generation: number): Promise<boolean> {
    let isOutranked = false;
    for (const name of await readdir(this.directory)) {
      const other = this.generationOf(name);
      if (other === undefined) continue;
      const path = join(this.directory, name);
      const status = await lstat(path).catch(() => undefined);
      // Whoever can create files here must not be able to prevent saving.
      if (status === undefined || isOtherUser(status.uid)) continue;
      // What cannot be removed, such as a directory, can replace the file neither.
      if (other < generation || isAbandoned(status)) await rm(path).catch(() => undefined);
      else if (other > generation) isOutranked = true;
    }
    return isOutranked;
  }

  private generationOf(name: string): number | undefined {
    if (!name.startsWith(this.prefix)) return undefined;
    const [, generation] =
      /^(-?\d+(?:\.\d+)?)-[0-9a-f]{12}\.tmp$/.exec(name.slice(this.prefix.length)) ?? [];
    return generation === undefined ? undefined : Number(generation);
  }
}

function isAbandoned({ mtimeMs }: Stats): boolean {
  // In either direction, because clocks are set back.
  return Math.abs(Date.now() - mtimeMs) > ABANDONED_MS;
}
