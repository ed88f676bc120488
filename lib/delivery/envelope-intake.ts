import { Subject } from 'rxjs';
import { ClosedError, InvalidEnvelopeError } from '../errors/index.js';
import type { GuardVerdict, LoadedEnvelope, StoredConfig } from '../model/index.js';
import type { FailoverReport } from '../sources/http/failover-report.js';
import type { Origin, RefreshPurpose, SourceChange, SourceSink } from '../sources/source-sink.js';
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

/** The sink of all sources over the network: passes envelopes to the store, and everything else to record and states. */
export class EnvelopeIntake implements SourceSink {
  /** Something that the connection state is derived from may have changed. */
  readonly changed$ = new Subject<void>();
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

  /** Passes every change of a source to a listener, before anything else hears of it. */
  listen(onChange: (change: SourceChange) => void): void {
    this.onChange = onChange;
  }

  /** Offers envelopes in the order of their arrival. */
  received(envelope: LoadedEnvelope, origin: Origin): Promise<GuardVerdict> {
    const verdict = this.arrivals.then(() => this.offer(envelope, origin));
    this.arrivals = verdict.catch(() => undefined);
    return verdict;
  }

  unchanged({ leg }: Origin): void {
    if (this.closed) return;
    this.record.refreshed();
    this.changed$.next();
    if (leg !== undefined) this.options.failover.legSucceeded(leg);
  }

  failed({ leg }: Origin, reason: unknown): void {
    // A leg that fails is no failed refresh as long as the other one may succeed.
    if (leg !== undefined) this.options.failover.legFailed(leg, reason);
    else this.record.failed(messageOf(reason));
  }

  changed(change: SourceChange): void {
    this.record.count(change);
    this.onChange(change);
    if (change.type === 'stream') this.streamState$.next(change.state);
    else if (change.type === 'polling') this.changed$.next();
    else if (change.type === 'refused') {
      this.terminalFailure$.next({ status: change.status, host: change.host });
    }
  }

  /** Waits for a refresh, and records it if it fails. */
  async recorded(refresh: Promise<void>, purpose: RefreshPurpose): Promise<void> {
    try {
      await refresh;
    } catch (error) {
      if (!(error instanceof ClosedError)) {
        // Only messages of errors: an overridden part may reject with anything, secrets included.
        const message = error instanceof Error ? error.message : undefined;
        this.record.refreshFailed(message, purpose === 'poll');
      }
      throw error;
    }
  }

  /** Refuses everything from now on, including envelopes that are being prepared. */
  close(): void {
    this.closed = true;
  }

  /** Completes what others subscribe to. */
  complete(): void {
    this.changed$.complete();
    this.streamState$.complete();
    this.terminalFailure$.complete();
    this.record.counted$.complete();
  }

  private async offer(
    envelope: LoadedEnvelope,
    { source, leg, url }: Origin,
  ): Promise<GuardVerdict> {
    this.failIfClosed();
    const { store, record } = this.options;
    const generation = envelope.meta.generation ?? 0;
    // A larger number could never be followed by another, and would equal its neighbors.
    if (generation > Number.MAX_SAFE_INTEGER) {
      throw new InvalidEnvelopeError(url, '"meta.generation" is too large a number');
    }
    const current = store.current === undefined ? undefined : store.heldGeneration;
    // The first look saves preparing an envelope that is dropped anyway: the generation never goes down.
    let verdict = guardInstall(current, generation);
    if (verdict === 'install') {
      const snapshot = await this.options.toSnapshot(envelope, url);
      this.failIfClosed();
      record.refreshed();
      // The second look, in the store, keeps an older envelope from replacing one that was installed meanwhile.
      verdict = store.installIfNewer(snapshot, source, () => {
        // Before the install, so that handlers of the update find the record complete.
        if (leg !== undefined) record.installedFrom(leg);
      });
    } else {
      record.refreshed();
    }
    if (verdict === 'older') record.rejected();
    this.changed$.next();
    if (leg !== undefined) this.options.failover.legSucceeded(leg);
    return verdict;
  }

  private failIfClosed(): void {
    if (this.closed) throw new ClosedError();
  }
}

/** A source fails with an error or with a finished message. */
function messageOf(reason: unknown): string | undefined {
  if (typeof reason === 'string') return reason;
  return reason instanceof Error ? reason.message : undefined;
}
