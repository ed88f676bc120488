import { errorCode } from './error-code.js';

/**
 * Says why a request failed: the code of the innermost cause, since `fetch` itself only says that it failed. Never the
 * message: an application's own `fetch` may put the headers into it.
 */
export function failureCode(thrown: unknown): string {
  let inner = thrown;
  // A cause can lead back to itself.
  for (let depth = 0; depth < 5; depth++) {
    const cause: unknown =
      inner instanceof AggregateError
        ? inner.errors[0]
        : (inner as Error | null | undefined)?.cause;
    if (!(cause instanceof Error)) break;
    inner = cause;
  }
  return errorCode(inner);
}
