import { errorCode } from './error-code.js';

/**
 * Says why a request failed: the code of the innermost cause, since `fetch` itself only says that it failed. Never the
 * message: an application's own `fetch` may put the headers into it. Never throws, whatever was thrown.
 */
export function failureCode(thrown: unknown): string {
  let inner = thrown;
  try {
    // A cause can lead back to itself.
    for (let depth = 0; depth < 5; depth++) {
      const cause = causeOf(inner);
      if (!(cause instanceof Error)) break;
      inner = cause;
    }
  } catch {
    // An accessor or a proxy of the application's own: as far as it could be looked into.
  }
  return errorCode(inner);
}

function causeOf(thrown: unknown): unknown {
  if (thrown instanceof AggregateError) return thrown.errors[0];
  return (thrown as Error | null | undefined)?.cause;
}
