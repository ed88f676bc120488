import { untilAborted } from './until-aborted.js';

/** The longest wait of a timer, in ms. Timers with a longer wait fire immediately. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** Waits, without keeping the process alive. Rejects with the reason of the signal when it aborts. */
export async function delay(ms: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(ms, MAX_TIMER_MS)).unref();
  });
  try {
    await untilAborted(signal, over);
  } finally {
    clearTimeout(timer);
  }
}
