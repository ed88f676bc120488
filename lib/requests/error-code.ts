/** What codes and names look like. Anything else may be content: an application's own error can say what it likes. */
const CODE = /^[A-Z][A-Z0-9_]{0,63}$/;
const NAME = /^[A-Z][A-Za-z]{0,63}$/;
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
    if (typeof code === 'string' && CODE.test(code)) return code;
    return typeof name === 'string' && NAME.test(name) ? name : UNKNOWN;
  } catch {
    // An accessor or a proxy of the application's own.
    return UNKNOWN;
  }
}
