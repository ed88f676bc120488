import { Subject } from 'rxjs';
import type { StreamState } from '../sources/stream/stream-state.js';
import type { TerminalFailure } from './delivery.js';
import { StateRelay } from './state-relay.js';

/** What the sources of one delivery have to tell. */
export class DeliverySignals {
  /** Something that the connection state is derived from may be different. */
  readonly changed$ = new Subject<void>();
  /** `guardRejected`, `installsFrom`, `hedges` or `failovers` has just grown. */
  readonly counted$ = new Subject<void>();
  readonly streamState$ = new StateRelay<StreamState>();
  readonly terminalFailure$ = new Subject<TerminalFailure>();

  complete(): void {
    this.changed$.complete();
    this.counted$.complete();
    this.streamState$.complete();
    this.terminalFailure$.complete();
  }
}
