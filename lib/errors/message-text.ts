/**
 * Returns the message of a thrown error. Never throws, even if accessors of the value do. Displays nothing else that was
 * thrown: it may be a secret.
 */
export function messageText(thrown: unknown): string {
  try {
    const { message } = thrown as { message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // An accessor or a proxy of the application threw, or undefined was thrown.
  }
  return 'unknown error';
}
