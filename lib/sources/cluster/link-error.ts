/**
 * Why a link to another process failed: nobody listens (`absent`), its listener is gone (`gone`) or has too many connections
 * (`busy`), it does not answer (`silent`), it sent something else than the protocol allows (`invalid`), or it ended (`ended`).
 */
export type LinkErrorKind = 'absent' | 'gone' | 'busy' | 'silent' | 'invalid' | 'ended';

/** The end of a link between two processes. The message completes a sentence of a log line. */
export class LinkError extends Error {
  constructor(
    readonly kind: LinkErrorKind,
    message: string,
  ) {
    super(message);
  }
}
