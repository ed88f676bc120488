/** What codes and names look like. Anything else may be content: an application's own error can say what it likes. */
const CODE = /^[A-Za-z0-9_]{1,64}$/;
const UNKNOWN = 'unknown error';

/**
 * The code of a system error, e.g. `ENOENT`; the name of any other error. Never its message, which may quote content.
 * Never throws, whatever was thrown.
 */
export function errorCode(error: unknown): string {
  // Not `instanceof Error`: a test runner's system errors come from another realm.
  if (typeof error !== 'object' || error === null) return UNKNOWN;
  try {
    const { code, name } = error as NodeJS.ErrnoException;
    return [code, name].find(isCode) ?? UNKNOWN;
  } catch {
    // An accessor or a proxy of the application's own.
    return UNKNOWN;
  }
}

function isCode(value: unknown): value is string {
  return typeof value === 'string' && CODE.test(value);
}
