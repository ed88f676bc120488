import { errorCode } from '../../requests/index.js';

/**
 * Says why a request failed: the code of the innermost cause, since `fetch` itself only says that it failed. Never the
 * message: an application's own `fetch` may put the headers into it.
 */
export function failureText(thrown: unknown): string {
  let inner = thrown;
  // A cause can lead back to itself.
  for (let depth = 0; depth < 5; depth++) {
    const cause: unknown = inner instanceof AggregateError ? inner.errors[0] : causeOf(inner);
    if (!(cause instanceof Error)) break;
    inner = cause;
  }
  return errorCode(inner);
}

function causeOf(thrown: unknown): unknown {
  return thrown instanceof Error ? thrown.cause : undefined;
}

/** What a callback threw, with the stack when it has one. */
export function stackText(thrown: unknown): string {
  try {
    return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  } catch {
    return 'What was thrown cannot be shown.';
  }
}
