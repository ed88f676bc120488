/** Statuses below 500 that a later request can mend. */
const RETRIED: ReadonlySet<number> = new Set([408, 429]);

/** Returns whether a later request may succeed with nothing changed on this side. */
export function isTransientStatus(status: number): boolean {
  return status >= 500 || RETRIED.has(status);
}
