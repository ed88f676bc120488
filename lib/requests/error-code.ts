/** The usual forms of codes and names. An error of the application can hold content instead, which must not be logged. */
const CODE = /^[A-Z][A-Z0-9_]{0,63}$/;
const NAME = /^[A-Z][A-Za-z]{0,63}$/;
const UNKNOWN = 'unknown error';

/**
 * Returns the code of a system error, e.g. `ENOENT`, or the name of any other error. Never returns a message, which may
 * quote content. Never throws, even if accessors of the error do.
 */
export function errorCode(error: unknown): string {
  // `instanceof Error` fails for system errors inside a test runner: they come from another realm.
  if (typeof error !== 'object' || error === null) return UNKNOWN;
  try {
    const { code, name } = error as NodeJS.ErrnoException;
    if (typeof code === 'string' && CODE.test(code)) return code;
    return typeof name === 'string' && NAME.test(name) ? name : UNKNOWN;
  } catch {
    // An accessor or a proxy of the application threw.
    return UNKNOWN;
  }
}

/** Returns the code of an error if it has the usual form of one. Never throws. */
export function wellFormedCode(error: unknown): string | undefined {
  try {
    const { code } = error as NodeJS.ErrnoException;
    return typeof code === 'string' && CODE.test(code) ? code : undefined;
  } catch {
    return undefined;
  }
}
