import { ClosedError, InvalidEnvelopeError } from '../errors/index.js';
import type { GuardVerdict, LoadedEnvelope, StoredConfig, UpdateSource } from '../model/index.js';
import { type ConfigStore, guardInstall, type Snapshot } from '../store/index.js';
import type { DeliverySignals } from './delivery-signals.js';
import { LastRefresh } from './last-refresh.js';

export interface EnvelopeIntakeOptions {
  readonly store: ConfigStore;
  readonly signals: DeliverySignals;
  toSnapshot(envelope: LoadedEnvelope, origin: string): Promise<Snapshot>;
}

/** Takes what arrives over the network to the store, and keeps the record of how that went. */
export class EnvelopeIntake {
  readonly lastRefresh = new LastRefresh();
  private arrivals: Promise<unknown> = Promise.resolve();
  private closed = false;
  private rejected = 0;
  private failures = 0;
  private failedPolls = 0;
  private lastFailure: string | undefined;

  constructor(private readonly options: EnvelopeIntakeOptions) {}

  get signals(): DeliverySignals {
    return this.options.signals;
  }

  /** The configs in force. */
  get held(): Iterable<StoredConfig> {
    return this.options.store.current?.storedConfigs() ?? [];
  }

  /** Sets that were dropped because a newer one is held. */
  get guardRejected(): number {
    return this.rejected;
  }

  get failedRefreshes(): number {
    return this.failures;
  }

  get failedPollCount(): number {
    return this.failedPolls;
  }

  get lastError(): string | undefined {
    return this.lastFailure;
  }

  /**
   * Offers an envelope to the store, in the order of arrival. Whatever the guard says, the source has been reached.
   *
   * @param origin where it came from, for messages
   * @param installing called right before it is installed, if it is
   * @throws InvalidEnvelopeError when nothing in it can be used, ClosedError after `close()`
   */
  take(
    envelope: LoadedEnvelope,
    source: UpdateSource,
    origin: string,
    installing = (): void => {},
  ): Promise<GuardVerdict> {
    const verdict = this.arrivals.then(() => this.offer(envelope, source, origin, installing));
    this.arrivals = verdict.catch(() => undefined);
    return verdict;
  }

  /** The source says that what is held is current. */
  unchanged(): void {
    if (this.closed) return;
    this.lastRefresh.advance();
    this.signals.changed$.next();
  }

  /** Waits for a refresh, and counts it when it fails. */
  async counted(refresh: Promise<void>, source: 'fetch' | 'poll'): Promise<void> {
    try {
      await refresh;
    } catch (error) {
      if (!(error instanceof ClosedError)) {
        this.failures++;
        if (source === 'poll') this.failedPolls++;
        this.failed(error instanceof Error ? error.message : undefined);
      }
      throw error;
    }
  }

  /** Something failed, for the reason given. */
  failed(reason: string | undefined): void {
    this.lastFailure = reason ?? this.lastFailure;
  }

  /** Nothing is taken any more, nor what is being made ready. */
  close(): void {
    this.closed = true;
  }

  private async offer(
    envelope: LoadedEnvelope,
    source: UpdateSource,
    origin: string,
    installing: () => void,
  ): Promise<GuardVerdict> {
    this.failIfClosed();
    const { store } = this.options;
    const generation = envelope.meta.generation ?? 0;
    // As large as that it could never be followed by another, or would count as equal to its neighbours.
    if (generation > Number.MAX_SAFE_INTEGER) {
      throw new InvalidEnvelopeError(origin, '"meta.generation" is too large a number');
    }
    const held = store.current === undefined ? undefined : store.heldGeneration;
    // What the guard drops need not be made ready: the generation held never goes down.
    let verdict = guardInstall(held, generation);
    if (verdict === 'install') {
      const snapshot = await this.options.toSnapshot(envelope, origin);
      this.failIfClosed();
      this.lastRefresh.advance();
      verdict = store.installIfNewer(snapshot, source, installing);
    } else {
      this.lastRefresh.advance();
    }
    if (verdict === 'older') {
      this.rejected++;
      this.signals.counted$.next();
    }
    this.signals.changed$.next();
    return verdict;
  }

  private failIfClosed(): void {
    if (this.closed) throw new ClosedError();
  }
}
