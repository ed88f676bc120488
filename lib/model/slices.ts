import { setImmediate } from 'node:timers/promises';

/** How long one slice of work may block the event loop, in ms. */
export const SLICE_MS = 2;
/** How many items are processed between two checks of the clock. */
const ITEMS_PER_CHECK = 16;

/** A time budget for work that would otherwise block the event loop. */
export class Slice {
  private end = performance.now() + SLICE_MS;

  get isOver(): boolean {
    return performance.now() >= this.end;
  }

  /** Lets the event loop turn, then starts the next slice. */
  async next(): Promise<void> {
    await setImmediate();
    this.end = performance.now() + SLICE_MS;
  }
}

/** Processes every item, yielding to the event loop after each slice. */
export async function inSlices<T>(items: Iterable<T>, process: (item: T) => void): Promise<void> {
  const slice = new Slice();
  let count = 0;
  for (const item of items) {
    process(item);
    if (++count % ITEMS_PER_CHECK === 0 && slice.isOver) await slice.next();
  }
}
