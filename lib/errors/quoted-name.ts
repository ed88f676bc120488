const MAX_LENGTH = 200;

/**
 * Quotes a key or another name for a message, whatever it is: JavaScript callers can pass something other than a string,
 * and a name from a request can be long or contain line breaks.
 */
export function quotedName(name: unknown): string {
  if (typeof name === 'string') return JSON.stringify(cutName(name));
  return typeof name === 'object' && name !== null ? '"(an object)"' : `"${String(name)}"`;
}

/** Suggests a name in a message; returns nothing without one. */
export function didYouMean(name: string | undefined): string {
  return name === undefined ? '' : ` Did you mean ${quotedName(name)}?`;
}

/** Cuts a name to the length that messages have room for. Half of a surrogate pair becomes U+FFFD. */
export function cutName(name: string): string {
  const cut = name.length > MAX_LENGTH ? `${name.slice(0, MAX_LENGTH)}…` : name;
  return cut.toWellFormed();
}
