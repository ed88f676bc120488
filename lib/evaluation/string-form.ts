/**
 * Returns the string form of a context value or list element, which list operators compare and weights hash. Lists become
 * their elements joined with commas. Values without an obvious string form (objects, functions, symbols) have none.
 */
export function stringOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((element) => scalarString(element) ?? '').join(',');
  return scalarString(value);
}

/** Nested lists have no string form, because a list may contain itself. */
function scalarString(value: unknown): string | undefined {
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
    ? value.map((element) => stringOf(element) ?? JSON.stringify(element))
    : undefined;
}
