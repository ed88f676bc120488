import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { QuonfigError } from '../index.js';
import { GitHistory, gitFailure } from './git-history.js';
import { lastModified } from './modified-time.js';
import {
  badGeneration,
  generationFailed,
  generationStuck,
  generationUnknown,
  gitFailed,
  notTracked,
  shallowClone,
} from './relay.messages.js';
import type { RelayGeneration } from './relay-options.js';

const WORKSPACE_PATHS = ['quonfig.json', 'configs', 'feature-flags', 'segments', 'log-levels'];
/** Leaves room for edits between two commits, or within one millisecond: the next one is newer than all of them. */
const STEP = 1_000;
/** How long a checkout may take to replace the files before git names the new commit, in ms. */
const CHECKOUT_MS = 2_000;
const CHECK_AGAIN_MS = 100;

/** Why there is no number, apart from failures of git. */
class Unknowable extends Error {}

/** Numbers the versions of configs that come from files. */
export class GenerationCounter {
  private last = 0;
  private lastDigest: string | undefined;
  private source: (() => Promise<number>) | undefined;
  /** The commit whose files had edits; it is not waited for again. */
  private editedCommit: string | undefined;

  /**
   * @param option the option; `undefined` chooses a source
   * @param readAgain reads the files again
   */
  constructor(
    private readonly option: RelayGeneration | undefined,
    private readonly readAgain: () => Promise<void>,
  ) {}

  /**
   * Counts for the files as they are now. Under git, they are read again once they belong to one commit.
   *
   * @param path directory or file that the configs come from, always the same; `undefined` if none
   * @throws {QuonfigError} `unknown_generation`
   */
  async count(path: string | undefined): Promise<number> {
    try {
      this.source ??= await this.chooseSource(path);
      return await this.source();
    } catch (error) {
      const reason = error instanceof Unknowable ? error.message : gitFailed(gitFailure(error));
      throw new QuonfigError('unknown_generation', generationUnknown(path, reason));
    }
  }

  /**
   * Returns the generation of configs: higher than any before, unless they are the same as the latest.
   *
   * @param digest identifies the configs
   */
  assign(counted: number, digest: string): number {
    const { last } = this;
    if (digest === this.lastDigest && counted <= last) return last;
    // Edits without a commit have the number of the commit before them, so they count up from it.
    if (counted < last - (last % STEP)) {
      new Logger('QuonfigRelay').warn(generationStuck(last + 1));
    }
    this.last = Math.max(counted, last + 1);
    this.lastDigest = digest;
    return this.last;
  }

  /** Chooses once: the numbers of two sources cannot be compared. */
  private async chooseSource(path: string | undefined): Promise<() => Promise<number>> {
    const { option } = this;
    if (typeof option === 'function') return () => this.given(option);
    // Configs in memory: only this process has them.
    if (path === undefined) return () => Promise.resolve(this.last + 1);
    const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
    const directory = isFile ? dirname(path) : path;
    const paths = isFile ? [basename(path)] : WORKSPACE_PATHS;
    const modified = async (): Promise<number> => (await lastModified(directory, paths)) * STEP;
    if (option === 'modified' || (option === undefined && !isInRepository(directory))) {
      return modified;
    }
    const git = new GitHistory(directory, paths);
    if (!(await git.tracks())) {
      if (option === undefined) return modified;
      throw new Unknowable(notTracked);
    }
    if (await git.isShallow()) throw new Unknowable(shallowClone);
    return () => this.commits(git);
  }

  private async given(source: () => number | Promise<number>): Promise<number> {
    let generation: number;
    try {
      generation = await source();
    } catch {
      throw new Unknowable(generationFailed);
    }
    if (!(Number.isSafeInteger(generation) && generation > 0)) throw new Unknowable(badGeneration);
    return generation;
  }

  private async commits(git: GitHistory): Promise<number> {
    let commit = await this.settled(git);
    for (;;) {
      // Files that cannot be read are reported by the service, which keeps its configs.
      await this.readAgain().catch(() => undefined);
      const now = await this.settled(git);
      if (now === commit) return (await git.commitsUpTo(commit)) * STEP;
      commit = now;
    }
  }

  /** The current commit. While git replaces the files, they belong to one that it does not name yet. */
  private async settled(git: GitHistory): Promise<string> {
    const end = performance.now() + CHECKOUT_MS;
    for (;;) {
      const commit = await git.head();
      if (commit === this.editedCommit || !(await git.hasEdits())) return commit;
      if (performance.now() >= end) {
        this.editedCommit = commit;
        return commit;
      }
      await setTimeout(CHECK_AGAIN_MS);
    }
  }
}

/** Whether a directory, or one above it, has a `.git`. */
function isInRepository(directory: string): boolean {
  for (let above = realpathSync(directory); ; above = dirname(above)) {
    if (existsSync(join(above, '.git'))) return true;
    if (dirname(above) === above) return false;
  }
}
