/** The way from the root of a JSON document to one of its values. */
export type JsonPath = readonly (string | number)[];

/** Returns the path that a JSON pointer describes. */
export function pathOfPointer(pointer: string): JsonPath {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Returns the JSON pointer of a path. */
export function pointerOf(path: JsonPath): string {
  return path
    .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

/** Returns the value at a path; `undefined` if there is none. */
export function valueAt(root: unknown, path: JsonPath): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part))
      return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}
