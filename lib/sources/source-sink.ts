import type { GuardVerdict, LoadedEnvelope } from '../model/index.js';
import type { RestartReason, StreamState } from './stream/stream-state.js';

/** One of the two APIs. */
export type Leg = 'primary' | 'secondary';

/**
 * Why configs are fetched: on request, or because a poll is due.
 *
 * @publicApi
 */
export type RefreshPurpose = 'fetch' | 'poll';

/** Which source reports to the sink, and from where. */
export interface Sender {
  readonly source: RefreshPurpose | 'stream' | 'cluster';
  /** The API of a fetch or poll. */
  readonly leg?: Leg;
  /** The URL or, for `cluster`, the path of the socket, for messages. */
  readonly url: string;
  /** When the sender last knew that its configs were current. Default: now. */
  readonly refreshedAt?: Date;
}

/** What happens in a source besides its envelopes. */
export type SourceChange =
  /** The secondary is queried too, because the primary is slow or has failed. */
  | { readonly type: 'hedged' | 'failed_over' }
  /** The stream starts an attempt to connect. */
  | { readonly type: 'connecting' }
  /** A connection of the stream has ended, and another follows. */
  | { readonly type: 'restarting'; readonly reason: RestartReason }
  /** The stream's state. Sent in order, never twice in a row. */
  | { readonly type: 'stream'; readonly state: StreamState }
  /** The stream's envelope was received, and its connection still exists. */
  | { readonly type: 'delivered' }
  /** The server refuses the stream (401, 403, 404), which stops. Sent before the state `error`. */
  | { readonly type: 'refused'; readonly status: number; readonly host: string }
  /** Polling has started or stopped. */
  | { readonly type: 'polling'; readonly active: boolean };

/** Where all sources over the network report to. */
export interface SourceSink {
  /**
   * Offers an envelope to the store.
   *
   * @throws {InvalidEnvelopeError} `invalid_envelope`: none of its configs can be used
   * @throws {ClosedError} `closed`: the delivery is closed
   */
  received(envelope: LoadedEnvelope, sender: Sender): Promise<GuardVerdict>;
  /** The source confirms that the current configs are up to date. */
  unchanged(sender: Sender): void;
  /** A request, a connection or an event failed. A string is a finished message. */
  failed(sender: Sender, reason: unknown): void;
  changed(change: SourceChange): void;
}
