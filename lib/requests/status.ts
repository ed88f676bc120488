export { isTransientStatus } from '../errors/transient-status.js';

const REFUSALS: ReadonlySet<unknown> = new Set([401, 403, 404]);

/** Returns whether a status means that the key or the URL is wrong, so that every later request would fail the same way. */
export function isRefusal(status: unknown): boolean {
  return REFUSALS.has(status);
}
