/** Says what was thrown, whatever it is: an error with its stack, a text, nothing, an object that throws when looked at. */
export function failureText(reason: unknown): string {
  try {
    return reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
  } catch {
    return 'What was thrown cannot be shown.';
  }
}
