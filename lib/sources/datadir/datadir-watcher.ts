import { QuonfigError } from '../../errors/index.js';
import { errorCode } from '../../requests/index.js';
import { givenPath } from '../given-path.js';
import type { SourceLogger } from '../source-logger.js';
import { ABSENT, datadirIdentity } from './datadir-identity.js';
import {
  reloadFailed,
  watchFailed,
  watchFailedAgain,
  watchRestored,
} from './datadir-watcher.messages.js';
import { ReloadSchedule } from './reload-schedule.js';
import { WorkspaceWatch } from './workspace-watch.js';

/** How often the watcher checks that it still watches the right directories, in ms. */
const CHECK_INTERVAL_MS = 1_000;
/** The maximum number of checks between two attempts to watch. As many checks without a failure reset the backoff. */
const MAX_CHECKS_TO_RETRY = 60;

/** Stands in for an identity, so that the next check finds a different one. */
const UNSETTLED = 'unsettled';

export interface DatadirWatcherOptions {
  readonly datadir: string;
  /** How long the files must stay unchanged before a change is reported, in ms; a change waits at most 2000 ms in total. */
  readonly dataDirAutoReloadDebounceMs: number;
  readonly logger: SourceLogger;
}

/**
 * Watches a workspace directory for changes: edited files, symbolic links with a new target, and directories that are removed
 * and created again. If the directory cannot be watched, it logs one warning and retries.
 *
 * @publicApi
 */
export class DatadirWatcher {
  private readonly datadir: string;
  private readonly logger: SourceLogger;
  private readonly dataDirAutoReloadDebounceMs: number;
  /** The schedule of the current run; `undefined` while stopped. */
  private reloads: ReloadSchedule | undefined;
  private watch: WorkspaceWatch | undefined;
  private ready = false;
  /** The identity of the directories when the watch was opened; `undefined` before the first check. */
  private identity: string | undefined;
  private checkTimer: NodeJS.Timeout | undefined;
  /** Recent failures, and checks until the next attempt; 0 if none is due. */
  private failures = 0;
  private checksToRetry = 0;
  private quietChecks = 0;
  private failureLogged = false;
  private closed = false;
  private closing: Promise<void> | undefined;

  /** @internal The SDK creates its parts. */
  constructor({ datadir, dataDirAutoReloadDebounceMs, logger }: DatadirWatcherOptions) {
    this.datadir = givenPath(datadir).path;
    this.dataDirAutoReloadDebounceMs = dataDirAutoReloadDebounceMs;
    this.logger = logger;
  }

  /** Whether the whole workspace is being watched. */
  get watching(): boolean {
    return this.ready && this.checksToRetry === 0;
  }

  /**
   * Starts watching, also again after `stop()`.
   *
   * @param onChange runs after every burst of changes, and each time a watch has been opened, because earlier changes are
   *   unknown. Runs never overlap, and none starts after `stop()`, which does not wait for a running one
   */
  start(onChange: () => Promise<void>): void {
    if (this.reloads !== undefined || this.closed) return;
    const reload = async (): Promise<void> => {
      await this.verifyIdentity();
      await onChange();
      await this.verifyIdentity();
    };
    this.reloads = new ReloadSchedule(this.dataDirAutoReloadDebounceMs, reload, (error) => {
      const reason = error instanceof QuonfigError ? error.message : errorCode(error);
      this.logger.error(reloadFailed(this.datadir, reason));
    });
    void this.check(this.reloads);
  }

  /** Stops watching until `start()`, and drops changes that have not been reported. */
  async stop(): Promise<void> {
    this.reloads?.cancel();
    this.reloads = undefined;
    this.identity = undefined;
    clearTimeout(this.checkTimer);
    await this.closeWatch();
  }

  /** Stops watching permanently. */
  close(): Promise<void> {
    this.closed = true;
    this.closing ??= this.stop();
    return this.closing;
  }

  private async check(run: ReloadSchedule): Promise<void> {
    const identity = await datadirIdentity(this.datadir);
    if (this.reloads !== run) return;
    const retry = this.checksToRetry > 0 && --this.checksToRetry === 0;
    if (++this.quietChecks >= MAX_CHECKS_TO_RETRY) this.failures = 0;
    if (identity !== this.identity) {
      if (this.identity !== undefined) run.request();
      this.identity = identity;
      await this.openWatch(run);
    } else if (retry) {
      await this.openWatch(run);
    }
    if (this.reloads !== run) return;
    this.checkTimer = setTimeout(() => void this.check(run), CHECK_INTERVAL_MS).unref();
  }

  private async openWatch(run: ReloadSchedule): Promise<void> {
    await this.closeWatch();
    this.checksToRetry = 0;
    if (this.reloads !== run || this.identity === ABSENT) return;
    try {
      this.watch = new WorkspaceWatch(this.datadir, {
        onChange: () => run.request(),
        onReady: () => this.handleReady(),
        onFailure: (error) => this.handleFailure(error),
      });
    } catch (error) {
      this.handleFailure(error);
    }
  }

  private async closeWatch(): Promise<void> {
    const watch = this.watch;
    this.watch = undefined;
    this.ready = false;
    await watch?.close();
  }

  /**
   * Compares the current directories with the watched ones. A link may change its target while they are opened or read, and
   * change it back before the next check; that check then opens a new watch.
   */
  private async verifyIdentity(): Promise<void> {
    if ((await datadirIdentity(this.datadir)) !== this.identity) this.identity = UNSETTLED;
  }

  private handleReady(): void {
    this.ready = true;
    void this.verifyIdentity();
    this.reloads?.request();
    if (!this.watching || !this.failureLogged) return;
    this.failureLogged = false;
    this.logger.info?.(watchRestored(this.datadir));
  }

  /** Keeps the remaining watch, which may cover part of the workspace, until the next attempt. */
  private handleFailure(error: unknown): void {
    this.quietChecks = 0;
    if (this.checksToRetry > 0) return;
    this.checksToRetry = Math.min(2 ** this.failures++, MAX_CHECKS_TO_RETRY);
    const code = errorCode(error);
    if (this.failureLogged) {
      const seconds = (this.checksToRetry * CHECK_INTERVAL_MS) / 1_000;
      this.logger.debug?.(watchFailedAgain(this.datadir, code, seconds));
    } else {
      this.failureLogged = true;
      this.logger.warn(watchFailed(this.datadir, code));
    }
  }
}
