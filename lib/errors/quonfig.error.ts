/**
 * Every error of this library. `code` is stable and meant for programs; the message is for people.
 *
 * @publicApi
 */
export class QuonfigError extends Error {
  constructor(
    /** Stable identifier of the kind of error, e.g. `network_error`. See docs/errors.md. */
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}
