import { Subject } from 'rxjs';
import { ClosedError, InvalidEnvelopeError } from '../errors/index.js';
import { messageText } from '../errors/message-text.js';
import type { GuardVerdict, LoadedEnvelope, StoredConfig } from '../model/index.js';
import type { SavedConfigs } from '../persistence/index.js';
import type { FailoverReport } from '../sources/http/failover-report.js';
import type { Sender, RefreshPurpose, SourceChange, SourceSink } from '../sources/source-sink.js';
import type { StreamState } from '../sources/stream/stream-state.js';
import { type ConfigStore, guardInstall, type Snapshot } from '../store/index.js';
import type { TerminalFailure } from './delivery.js';
import type { DeliveryRecord } from './delivery-record.js';
import { StateRelay } from './state-relay.js';

export interface EnvelopeIntakeOptions {
  readonly store: ConfigStore;
  readonly record: DeliveryRecord;
  readonly failover: FailoverReport;
  toSnapshot(envelope: LoadedEnvelope, origin: string): Promise<Snapshot>;
}

/** The sink of all network sources. It passes envelopes to the store, and everything else to the record and the states. */
export class EnvelopeIntake implements SourceSink {
  /** Emits when the connection state may have changed. */
  readonly mayChangeState$ = new Subject<void>();
  readonly streamState$ = new StateRelay<StreamState>();
  readonly terminalFailure$ = new Subject<TerminalFailure>();
  private onChange: (change: SourceChange) => void = () => undefined;
  private arrivals: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(private readonly options: EnvelopeIntakeOptions) {}

  get record(): DeliveryRecord {
    return this.options.record;
  }

  /** The current configs, most of which arrive again. */
  get currentConfigs(): Iterable<StoredConfig> {
    return this.options.store.current?.storedConfigs() ?? [];
  }

  /** Sets the listener that receives every change of a source before anything else does. */
  listen(onChange: (change: SourceChange) => void): void {
    this.onChange = onChange;
  }

  /** Offers the envelope to the store, after all that arrived before it. */
  received(envelope: LoadedEnvelope, sender: Sender): Promise<GuardVerdict> {
    const verdict = this.arrivals.then(() => this.offer(envelope, sender));
    this.arrivals = verdict.catch(() => undefined);
    return verdict;
  }

  /**
   * Installs saved configs if there are none yet, after all that arrived before. They say nothing about the source.
   *
   * @param place where they were saved, for messages
   * @returns whether they were installed
   */
  restored({ envelope, savedAt }: SavedConfigs, place: string): Promise<boolean> {
    const installed = this.arrivals.then(async () => {
      this.failIfClosed();
      const { store, record } = this.options;
      if (store.current !== undefined) return false;
      const snapshot = await this.options.toSnapshot(envelope, place);
      this.failIfClosed();
      store.installIfNewer(snapshot, 'persistence', () => record.recordRestored(savedAt));
      this.mayChangeState$.next();
      return true;
    });
    this.arrivals = installed.catch(() => undefined);
    return installed;
  }

  unchanged({ leg }: Sender): void {
    if (this.closed) return;
    this.record.recordRefresh();
    this.mayChangeState$.next();
    if (leg !== undefined) this.options.failover.legSucceeded(leg);
  }

  failed({ leg, url }: Sender, reason: unknown): void {
    if (leg === undefined) {
      this.record.recordFailure(typeof reason === 'string' ? reason : messageText(reason));
      return;
    }
    // A failed leg is not a failed refresh yet: the other leg may succeed.
    this.options.failover.legFailed(leg, reason);
    this.record.recordFailedApi(url, reason);
    // Followers of this process learn of it.
    this.mayChangeState$.next();
  }

  changed(change: SourceChange): void {
    this.record.recordChange(change);
    this.onChange(change);
    if (change.type === 'stream') this.streamState$.next(change.state);
    else if (change.type === 'polling') this.mayChangeState$.next();
    else if (change.type === 'refused') {
      this.terminalFailure$.next({ status: change.status, host: change.host });
    }
  }

  /** Waits for a refresh, and records it if it fails. */
  async recordOutcome(refresh: Promise<void>, purpose: RefreshPurpose): Promise<void> {
    try {
      await refresh;
    } catch (error) {
      if (!(error instanceof ClosedError)) {
        this.record.recordFailedRefresh(messageText(error), purpose === 'poll');
      }
      throw error;
    }
  }

  /** Rejects all envelopes from now on, including those in preparation. */
  close(): void {
    this.closed = true;
  }

  /** Completes all observables. */
  complete(): void {
    this.mayChangeState$.complete();
    this.streamState$.complete();
    this.terminalFailure$.complete();
    this.record.counted$.complete();
    this.record.timings.complete();
  }

  private async offer(
    envelope: LoadedEnvelope,
    { source, leg, url, refreshedAt }: Sender,
  ): Promise<GuardVerdict> {
    this.failIfClosed();
    const { store, record } = this.options;
    const recordRefresh = (): void => {
      if (refreshedAt === undefined) record.recordRefresh();
      else record.recordConfirmed(refreshedAt);
    };
    const generation = envelope.meta.generation ?? 0;
    // Larger numbers are inexact: neighbors would compare as equal, and no envelope could follow.
    if (generation > Number.MAX_SAFE_INTEGER) {
      throw new InvalidEnvelopeError(url, '"meta.generation" is too large a number');
    }
    const current = store.current === undefined ? undefined : store.heldGeneration;
    // The first check saves preparing an envelope that would be dropped: the current generation never decreases.
    let verdict = guardInstall(current, generation);
    if (verdict === 'install') {
      const snapshot = await this.options.toSnapshot(envelope, url);
      this.failIfClosed();
      recordRefresh();
      // The second check, in the store, prevents replacing a newer envelope that was installed meanwhile.
      verdict = store.installIfNewer(snapshot, source, () => {
        // Record the install before it happens, so that update handlers see a complete record.
        if (leg !== undefined) record.recordInstall(leg);
      });
    } else {
      recordRefresh();
    }
    if (verdict === 'older') record.recordRejection();
    this.mayChangeState$.next();
    if (leg !== undefined) this.options.failover.legSucceeded(leg);
    return verdict;
  }

  private failIfClosed(): void {
    if (this.closed) throw new ClosedError();
  }
}
