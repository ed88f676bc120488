import { QuonfigError } from '../../errors/index.js';

/** Consecutive failures of one kind are logged as one warning. `invalid_event` drops an event; all others end the connection. */
export type FailureKind =
  | 'network'
  | 'status'
  | 'redirect'
  | 'content_type'
  | 'too_large'
  | 'silent'
  | 'frozen'
  | 'empty'
  | 'invalid_event'
  | 'refused'
  | 'closed';

/** `stream_failed`: why a connection of the stream ended. Internal to the stream, which decides how to continue. */
export class StreamFailure extends QuonfigError {
  /** The status of a refusal. */
  readonly status: number | undefined;
  /** The wait that the server requested, in ms. */
  readonly retryAfterMs: number;

  constructor(
    readonly kind: FailureKind,
    message: string,
    { status, retryAfterMs = 0 }: { status?: number; retryAfterMs?: number } = {},
  ) {
    super('stream_failed', message);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}
