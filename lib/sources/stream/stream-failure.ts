import { QuonfigError } from '../../errors/index.js';

/** What sort of failure it was: failures of one sort in a row are one warning. `unusable` is an event, the others end the connection. */
export type FailureKind =
  | 'network'
  | 'status'
  | 'redirect'
  | 'content_type'
  | 'too_large'
  | 'silent'
  | 'frozen'
  | 'empty'
  | 'unusable'
  | 'refused'
  | 'closed';

/** `stream_failed`: why a connection of the stream ended. Stays inside the stream, which decides what comes next. */
export class StreamFailure extends QuonfigError {
  /** Of a refusal, or of an answer that was not expected. */
  readonly status: number | undefined;
  /** How long the server asks to be left alone, in ms. */
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
