/** Says what was thrown, whatever it is: an error with its stack, a text, nothing, an object that throws when looked at. */
export function stackText(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? (thrown.stack ?? thrown.message) : thrown);
  } catch {
    return 'What was thrown cannot be shown.';
  }
}
