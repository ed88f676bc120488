/** `fetch` itself only says that it failed. */
export function innermost(error: unknown): unknown {
  let inner = error;
  // A cause can lead back to itself.
  for (let depth = 0; depth < 5; depth++) {
    const cause: unknown =
      inner instanceof AggregateError
        ? inner.errors[0]
        : (inner as Error | null | undefined)?.cause;
    if (!(cause instanceof Error)) break;
    inner = cause;
  }
  return inner;
}
