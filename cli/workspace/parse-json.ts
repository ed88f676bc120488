/** Parses JSON that may start with a byte order mark, as some editors write it. */
export function parseJson(text: string): unknown {
  return JSON.parse(text.replace(/^\uFEFF/, ''));
}
