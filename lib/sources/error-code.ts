/** The code of a system error, e.g. `ENOENT`; the name of any other error. Never its message, which may quote content. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : error.name;
}
