import { type Subscription } from 'rxjs';
import { ClosedError } from '../errors/index.js';
import { type Persistence, savedUnusable, type SavedConfigs } from '../persistence/index.js';
import { MAX_TIMER_MS, withDeadline } from '../requests/index.js';
import type { SourceLogger } from '../sources/source-logger.js';
import type { OnTerminalFailure } from '../sources/poll/poll-step.js';
import type { ConfigStore } from '../store/index.js';
import type { ConnectionState } from './connection-state.js';
import { firstLoadFailed, savedInstalled, savedRefused } from './delivery.messages.js';
import type { EnvelopeIntake } from './envelope-intake.js';

/** How often configs that stay current are saved again, so that their age stays right, in ms. */
const SAVE_AGAIN_MS = 900_000;
/** How long the start waits for the store beyond the time for the network, in ms. */
const STORE_TIMEOUT_MS = 2_000;

export interface LastKnownGoodOptions {
  readonly persistence: Persistence;
  readonly store: ConfigStore;
  readonly intake: EnvelopeIntake;
  readonly onTerminalFailure: OnTerminalFailure;
  readonly logger: SourceLogger;
  connectionState(): ConnectionState;
}

/** Starts from saved configs when the network has none, and saves those that it delivers. */
export class LastKnownGood {
  private saved: Promise<SavedConfigs | undefined> | undefined;
  private installs: Subscription | undefined;
  private refreshes: Subscription | undefined;
  /** Whether the current configs are the saved ones, and the network has not confirmed them yet. */
  private unconfirmed = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: LastKnownGoodOptions) {}

  /** Whether to start from saved configs without waiting for the network. */
  get preferred(): boolean {
    return this.options.persistence.preferCache;
  }

  /**
   * Reads the store while the network is asked, and saves what it delivers.
   *
   * @param networkMs how long the network has, in ms
   */
  begin(networkMs: number): void {
    this.read(networkMs);
    this.follow();
  }

  /** Reads the store, unless it has been read for this start, or there are configs. Parameter as above. */
  read(networkMs: number): void {
    if (this.options.store.current !== undefined) return;
    // A slow store has as much time as the network, unless the start waits for the store alone.
    const ms = this.preferred ? STORE_TIMEOUT_MS : networkMs + STORE_TIMEOUT_MS;
    this.saved ??= this.options.persistence.read(ms);
  }

  /** Saves what the network delivers from now on. */
  follow(): void {
    const { store, intake } = this.options;
    this.installs ??= store.updates$.subscribe(({ source }) => {
      // Free the memory: there are configs now.
      this.saved = undefined;
      this.unconfirmed = source === 'persistence';
      if (!this.unconfirmed) this.save();
    });
    this.refreshes ??= intake.mayChangeState$.subscribe(() => this.saveConfirmed());
    this.timer ??= setInterval(() => this.saveAgain(), SAVE_AGAIN_MS).unref();
  }

  /** Installs saved configs unless there are newer ones. Returns whether configs are current then. */
  async install(): Promise<boolean> {
    const { intake, store, persistence, logger } = this.options;
    const saved = await this.untilRead();
    if (saved === undefined) return store.current !== undefined;
    const { place } = persistence;
    try {
      if (await intake.restored(saved, place)) {
        logger.warn(savedInstalled(store.current!.size, place, saved.savedAt));
      }
      // Free the memory, also of a follower, which saves nothing.
      this.saved = undefined;
    } catch (error) {
      if (error instanceof ClosedError) throw error;
      logger.warn(savedUnusable(place, error));
    }
    return store.current !== undefined;
  }

  /**
   * Starts from saved configs after the first load failed.
   *
   * @param refusedBy URL or host that refused the SDK key, if any
   * @returns whether configs are current then
   */
  async substitute(error: unknown, refusedBy: string | undefined): Promise<boolean> {
    if (error instanceof ClosedError) return false;
    this.read(0);
    if (!(await this.maySubstitute(refusedBy)) || !(await this.install())) return false;
    this.options.logger.warn(firstLoadFailed(error));
    return true;
  }

  close(): Promise<void> {
    this.installs?.unsubscribe();
    this.refreshes?.unsubscribe();
    clearInterval(this.timer);
    return this.options.persistence.close();
  }

  /**
   * Whether saved configs may stand in for a failed first load. Not after an API refused the key and none accepted it,
   * because it may have been revoked: an outage of the other API changes nothing about that. With `onTerminalFailure:
   * "poll"` they may.
   */
  private async maySubstitute(refusedBy: string | undefined): Promise<boolean> {
    const { onTerminalFailure, logger, persistence } = this.options;
    if (refusedBy === undefined || onTerminalFailure === 'poll') return true;
    if ((await this.untilRead()) !== undefined)
      logger.warn(savedRefused(persistence.place, refusedBy));
    return false;
  }

  /** Keeps the process alive: one that waits for nothing but a store that hangs would exit silently. */
  private untilRead(): Promise<SavedConfigs | undefined> {
    return withDeadline({ ms: MAX_TIMER_MS, keepsProcess: true }, async () => this.saved);
  }

  /** A process that always starts from saved configs and ends soon would otherwise never renew their age. */
  private saveConfirmed(): void {
    if (!this.unconfirmed || this.options.intake.record.refreshCount === 0) return;
    this.unconfirmed = false;
    this.save();
  }

  private saveAgain(): void {
    if (this.options.connectionState() === 'connected') this.save();
  }

  private save(): void {
    const { store, intake, persistence } = this.options;
    persistence.save(() => {
      const { meta, environment, generation } = store.current!;
      const isConnected = this.options.connectionState() === 'connected';
      return {
        configs: store.current!.storedConfigs(),
        meta: { ...meta, environment, generation },
        refreshedAt: (isConnected ? undefined : intake.record.lastRefresh) ?? new Date(),
      };
    });
  }
}
