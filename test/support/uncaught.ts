import type { EventEmitter } from 'node:events';

/** Returns the errors that reach the process during an action and one turn of the event loop after it. */
export async function uncaught(action: () => Promise<void>): Promise<unknown[]> {
  const errors: unknown[] = [];
  const listener = (error: unknown) => errors.push(error);
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  (process as EventEmitter).on('uncaughtException', listener);
  try {
    await action();
    // RxJS rethrows from a 0 ms timer, and timers of equal length fire in order.
    await new Promise((resolve) => setTimeout(resolve, 0));
  } finally {
    process.removeListener('uncaughtException', listener);
    for (const other of others) process.on('uncaughtException', other);
  }
  return errors;
}
