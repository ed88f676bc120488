import type { QuonfigResponse } from './fetch.js';

/** Cancels the rest of a response, which closes its connection. Never throws. */
export function discard(response: QuonfigResponse): void {
  try {
    response.body?.cancel().catch(() => undefined);
  } catch {
    // A custom fetch may return a body of another type.
  }
}
