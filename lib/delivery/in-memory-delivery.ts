import { EMPTY, type Observable, Subject } from 'rxjs';
import { ClosedError, DeliveryHttpError, DeliveryNetworkError } from '../errors/index.js';
import type { Isolate } from '../model/index.js';
import type { StreamState } from '../sources/stream/stream-state.js';
import type { ConfigStore } from '../store/index.js';
import type { ConnectionState } from './connection-state.js';
import type { Delivery, DeliveryCounters, QuonfigRefresh, TerminalFailure } from './delivery.js';
import { DeliveryRecord } from './delivery-record.js';
import { StateRelay } from './state-relay.js';

/**
 * A simulated failure of the delivery: the stream is refused (`terminal`), the API is unreachable (`disconnected`), or polls
 * have failed for a day (`stale`).
 *
 * @publicApi
 */
export type SimulatedFault = 'terminal' | 'disconnected' | 'stale';

const HOST = 'quonfig.test';
const URL = `https://${HOST}`;
const REFUSAL = 401;
const DAY_MS = 86_400_000;

/** The delivery of a service whose configs are set by calls. It acts like a connected stream, except for simulated faults. */
export class InMemoryDelivery implements Delivery {
  readonly mode = 'stream';
  readonly resolvedFrom = '';
  readonly streamState$: Observable<StreamState> = EMPTY;
  readonly counted$: Observable<void> = EMPTY;
  readonly connectionState$: Observable<ConnectionState>;
  readonly terminalFailure$: Observable<TerminalFailure>;
  readonly refreshes$: Observable<QuonfigRefresh>;
  suspended = false;
  private closed = false;
  private fault: SimulatedFault | undefined;
  private readonly record = new DeliveryRecord();
  private readonly state = new StateRelay<ConnectionState>('connected');
  private readonly refusals = new Subject<TerminalFailure>();

  constructor(
    private readonly store: ConfigStore,
    isolate: Isolate,
  ) {
    this.connectionState$ = isolate('connectionState$', this.state);
    this.terminalFailure$ = isolate('terminalFailure$', this.refusals);
    this.refreshes$ = isolate('refreshes$', this.record.timings.refreshes$);
    this.record.recordRefresh();
  }

  /** Begins a fault, or ends it. */
  simulate(fault: SimulatedFault | undefined): void {
    const isNew = fault !== this.fault;
    this.fault = fault;
    if (this.closed || !isNew) return;
    if (fault === undefined) this.record.recordRefresh();
    else this.record.recordFailure(this.failure(fault).message);
    this.state.next(this.connectionState);
    if (fault === 'terminal') this.refusals.next({ status: REFUSAL, host: HOST });
  }

  load(): Promise<void> {
    return this.record.timings.timed('load', () => this.confirm());
  }

  start(): void {
    // There is nothing to follow.
  }

  refresh(): Promise<void> {
    return this.record.timings.timed('request', () => this.confirm());
  }

  updateIfStalerThan(ms: number): Promise<void> | undefined {
    return this.closed || this.ageMs < ms ? undefined : this.refresh();
  }

  suspend(): void {
    this.suspended = true;
    this.state.next(this.connectionState);
  }

  resume(): Promise<void> {
    this.suspended = false;
    this.state.next(this.connectionState);
    return this.refresh();
  }

  reconnect(): Promise<void> {
    return this.resume();
  }

  close(): Promise<void> {
    if (!this.closed) {
      this.closed = true;
      this.store.close();
      this.state.next('disconnected');
      this.state.complete();
      this.refusals.complete();
      this.record.timings.complete();
    }
    return Promise.resolve();
  }

  get connectionState(): ConnectionState {
    if (this.closed || this.suspended) return 'disconnected';
    if (this.fault === undefined) return 'connected';
    return this.fault === 'stale' ? 'falling_back' : 'disconnected';
  }

  get terminalFailure(): boolean {
    return this.fault === 'terminal';
  }

  get fallbackPollerActive(): boolean {
    return this.connectionState === 'falling_back';
  }

  get lastSuccessfulRefresh(): Date {
    return new Date(this.record.lastRefresh!.getTime() - this.outdatedMs);
  }

  get ageMs(): number {
    return this.record.ageMs! + this.outdatedMs;
  }

  get counters(): DeliveryCounters {
    return this.record.counters;
  }

  private get outdatedMs(): number {
    return this.fault === 'stale' ? DAY_MS : 0;
  }

  private confirm(): Promise<void> {
    if (this.closed) return Promise.reject(new ClosedError());
    if (this.fault === undefined) {
      this.record.recordRefresh();
      return Promise.resolve();
    }
    const failure = this.failure(this.fault);
    this.record.recordFailedRefresh(failure.message);
    return Promise.reject(failure);
  }

  private failure(fault: SimulatedFault): Error {
    const reason = `the fault "${fault}" is simulated`;
    return fault === 'terminal'
      ? new DeliveryHttpError(URL, REFUSAL, reason)
      : new DeliveryNetworkError(URL, reason);
  }
}
