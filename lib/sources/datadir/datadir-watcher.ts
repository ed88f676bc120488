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

/** How often the watcher looks whether it still watches the right directories, in ms. */
const LOOK_MS = 1_000;
/** The most looks between two attempts to watch, and the number without trouble after which the first come quickly again. */
const MAX_LOOKS_TO_RETRY = 60;

/** In place of an identity: whatever the next look finds is another. */
const UNSETTLED = 'unsettled';

export interface DatadirWatcherOptions {
  readonly datadir: string;
  /** How long the files must be quiet before a change is reported, in ms; at most 2000 ms pass in all. */
  readonly dataDirAutoReloadDebounceMs: number;
  readonly logger: SourceLogger;
}

/**
 * Reports changes of a workspace directory: edits, links that are set to another target, and directories that are removed
 * and made anew. When the directory cannot be watched it says so once and keeps trying.
 *
 * @publicApi
 */
export class DatadirWatcher {
  private readonly datadir: string;
  private readonly logger: SourceLogger;
  private readonly dataDirAutoReloadDebounceMs: number;
  /** Of the present run; `undefined` while it does not watch. */
  private reloads: ReloadSchedule | undefined;
  private watch: WorkspaceWatch | undefined;
  private ready = false;
  /** What was watched when the watch began; `undefined` before the first look. */
  private identity: string | undefined;
  private lookTimer: NodeJS.Timeout | undefined;
  /** Failures of the last while, and looks until the next attempt; 0 when none is due. */
  private failures = 0;
  private looksToRetry = 0;
  private calmLooks = 0;
  /** Whether the log says that watching failed. */
  private troubled = false;
  private closed = false;
  private closing: Promise<void> | undefined;

  /** @internal The SDK creates its parts. */
  constructor({ datadir, dataDirAutoReloadDebounceMs, logger }: DatadirWatcherOptions) {
    this.datadir = givenPath(datadir).path;
    this.dataDirAutoReloadDebounceMs = dataDirAutoReloadDebounceMs;
    this.logger = logger;
  }

  /** Whether the whole workspace is watched at present. */
  get watching(): boolean {
    return this.ready && this.looksToRetry === 0;
  }

  /**
   * Begins to watch, also again after `stop()`. `onChange` runs after every burst of changes, and also each time watching
   * has begun: what changed before cannot be known. It never runs twice at a time, nor begins after `stop()`, which waits
   * for none under way.
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
    void this.look(this.reloads);
  }

  /** Ends watching until `start()`, and drops a change not yet reported. */
  async stop(): Promise<void> {
    this.reloads?.cancel();
    this.reloads = undefined;
    this.identity = undefined;
    clearTimeout(this.lookTimer);
    await this.endWatch();
  }

  /** The same, for good. */
  close(): Promise<void> {
    this.closed = true;
    this.closing ??= this.stop();
    return this.closing;
  }

  private async look(run: ReloadSchedule): Promise<void> {
    const identity = await datadirIdentity(this.datadir);
    if (this.reloads !== run) return;
    const retry = this.looksToRetry > 0 && --this.looksToRetry === 0;
    if (++this.calmLooks >= MAX_LOOKS_TO_RETRY) this.failures = 0;
    if (identity !== this.identity) {
      if (this.identity !== undefined) run.request();
      this.identity = identity;
      await this.beginWatch(run);
    } else if (retry) {
      await this.beginWatch(run);
    }
    if (this.reloads !== run) return;
    this.lookTimer = setTimeout(() => void this.look(run), LOOK_MS).unref();
  }

  private async beginWatch(run: ReloadSchedule): Promise<void> {
    await this.endWatch();
    this.looksToRetry = 0;
    if (this.reloads !== run || this.identity === ABSENT) return;
    try {
      this.watch = new WorkspaceWatch(this.datadir, {
        changed: () => run.request(),
        ready: () => this.whenReady(),
        failed: (error) => this.whenFailed(error),
      });
    } catch (error) {
      this.whenFailed(error);
    }
  }

  private async endWatch(): Promise<void> {
    const watch = this.watch;
    this.watch = undefined;
    this.ready = false;
    await watch?.close();
  }

  /**
   * What is watched, or was just read, may not be what the watch was meant for: a link can be set to another target in
   * between, and back again before the next look. Then that look begins anew.
   */
  private async verifyIdentity(): Promise<void> {
    if ((await datadirIdentity(this.datadir)) !== this.identity) this.identity = UNSETTLED;
  }

  private whenReady(): void {
    this.ready = true;
    void this.verifyIdentity();
    this.reloads?.request();
    if (!this.watching || !this.troubled) return;
    this.troubled = false;
    this.logger.info?.(watchRestored(this.datadir));
  }

  /** What of the workspace is still watched stays so until the next attempt. */
  private whenFailed(error: unknown): void {
    this.calmLooks = 0;
    if (this.looksToRetry > 0) return;
    this.looksToRetry = Math.min(2 ** this.failures++, MAX_LOOKS_TO_RETRY);
    const code = errorCode(error);
    if (this.troubled) {
      const seconds = (this.looksToRetry * LOOK_MS) / 1_000;
      this.logger.debug?.(watchFailedAgain(this.datadir, code, seconds));
    } else {
      this.troubled = true;
      this.logger.warn(watchFailed(this.datadir, code));
    }
  }
}
