/** The code of a system error, e.g. `ENOENT`; the name of any other error. Never its message, which may quote content. */
export function errorCode(error: unknown): string {
  // Not `instanceof Error`: a test runner's system errors come from another realm.
  if (typeof error !== 'object' || error === null) return 'unknown error';
  const { code, name } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : (name ?? 'unknown error');
}
