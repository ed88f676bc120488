export const callbackFailed = (name: string, error: unknown): string =>
  `${name} failed on an update of the configs. The update stays in force and other handlers are called. ${describe(error)}`;

/** Says something about anything that can be thrown. */
function describe(error: unknown): string {
  try {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  } catch {
    return 'What it threw cannot be shown.';
  }
}
