import { MAX_TIMER_MS } from './timers.js';
import { untilAborted } from './until-aborted.js';

export interface Deadline {
  /** Time until the deadline, in ms. */
  readonly ms: number;
  /** Creates the error to reject with. Default: a plain `Error`, for callers that discard it. */
  readonly expired?: () => Error;
  /** Aborts the work early; its reason is thrown. */
  readonly signal?: AbortSignal;
  /** Whether the wait keeps the process alive. Default `false`. */
  readonly keepsProcess?: boolean;
}

/**
 * Waits for work until its deadline or until the signal aborts. The work receives a signal that aborts in both cases; the
 * promise settles then even if the work ignores it, as a custom `fetch` may.
 *
 * @throws what the work throws; the error of `expired` at the deadline; the reason of `signal` when it aborts
 */
export async function withDeadline<T>(
  { ms, expired = deadlineError, signal, keepsProcess = false }: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const abort = (): void => stop.abort(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  const timer = setTimeout(() => stop.abort(expired()), Math.min(ms, MAX_TIMER_MS));
  if (!keepsProcess) timer.unref();
  try {
    return await untilAborted(stop.signal, work(stop.signal));
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

function deadlineError(): Error {
  return new Error('The deadline has passed.');
}
