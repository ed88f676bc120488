import { errorCode } from './error-code.js';

/**
 * Returns why a request failed: the code of the innermost cause, because the error of `fetch` itself has none. Never
 * returns a message, because a custom `fetch` may include the headers in it. Never throws, even if accessors of the error do.
 */
export function failureCode(thrown: unknown): string {
  let inner = thrown;
  try {
    // Limit the depth: a chain of causes can be a cycle.
    for (let depth = 0; depth < 5; depth++) {
      const cause = causeOf(inner);
      if (!(cause instanceof Error)) break;
      inner = cause;
    }
  } catch {
    // An accessor or a proxy of the application threw. Use the cause found so far.
  }
  return errorCode(inner);
}

function causeOf(thrown: unknown): unknown {
  if (thrown instanceof AggregateError) return thrown.errors[0];
  return (thrown as Error | null | undefined)?.cause;
}
