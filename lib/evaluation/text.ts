/**
 * The text form of a context value or list element: what list operators compare and weights hash. Lists become their
 * elements joined with commas. Anything without an obvious text form (objects, functions, symbols) has none.
 */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((element) => scalarText(element) ?? '').join(',');
  return scalarText(value);
}

/** Lists inside lists have no text: a list may contain itself. */
function scalarText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    default:
      return value instanceof Date && !Number.isNaN(value.getTime())
        ? value.toISOString()
        : undefined;
  }
}

/** Returns the elements of a match list as strings, or `undefined` if the match is not a list. */
export function stringList(value: unknown): string[] | undefined {
  return Array.isArray(value)
    ? value.map((element) => textOf(element) ?? JSON.stringify(element))
    : undefined;
}
