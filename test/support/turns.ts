import { vi } from 'vitest';

/** Counts how often the event loop turns during an action, with a clock on which every slice of work is over at once. */
export async function turnsDuring(action: () => Promise<void>): Promise<number> {
  // Every reading of this clock is 10 ms later, so work in slices must yield again and again.
  let now = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 10));
  let turns = 0;
  const turn = () => {
    turns++;
    pending = setImmediate(turn);
  };
  let pending = setImmediate(turn);
  try {
    await action();
  } finally {
    clearImmediate(pending);
    clock.mockRestore();
  }
  return turns;
}
