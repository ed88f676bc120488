/**
 * Every error of this library. `code` is stable and meant for programs; the message is for people.
 *
 * @publicApi
 */
export class QuonfigError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}
