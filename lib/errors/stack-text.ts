/** Returns the stack of a thrown error, or any other thrown value as a string. Never throws, even if accessors of the value do. */
export function stackText(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? (thrown.stack ?? thrown.message) : thrown);
  } catch {
    return 'The thrown value cannot be displayed.';
  }
}
