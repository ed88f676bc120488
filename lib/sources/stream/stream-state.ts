import type { LoadedEnvelope } from '../../model/index.js';

/** State of the stream: `error` will be retried, unless the stream was refused; `disconnected` is stopped or closed. */
export type StreamState = 'connecting' | 'connected' | 'error' | 'disconnected';

/** Why a connection was replaced: it failed, it ended in order, or it was silent for too long. */
export type RestartReason = 'worker_throw' | 'worker_exit' | 'read_timeout';

export interface StreamEvents {
  /**
   * An envelope came. The next event is read when this has settled. A rejection is logged; one with
   * `InvalidEnvelopeError` drops the event like one that is not JSON.
   */
  onEnvelope(envelope: LoadedEnvelope, eventId: string | undefined): void | Promise<void>;
  /** What the connection brought was taken in, and it is still the connection. */
  onDelivered?(): void;
  /** An event was dropped, for the reason given. */
  onDropped?(reason: string): void;
  /** The state is another. Called in order, never twice with the same state in a row. */
  onState(state: StreamState): void;
  /** The stream is refused (401, 403, 404) and not asked again. Comes before the state `error`. */
  onTerminal(status: number, host: string): void;
}
