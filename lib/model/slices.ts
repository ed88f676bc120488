import { setImmediate } from 'node:timers/promises';

/** How long one slice of a long piece of work may hold the event loop, in ms. */
export const SLICE_MS = 2;
/** How many items pass between two looks at the clock. */
const ITEMS_PER_LOOK = 16;

/** Does something with every item, letting the event loop turn every few milliseconds. */
export async function inSlices<T>(items: Iterable<T>, work: (item: T) => void): Promise<void> {
  let sliceEnd = performance.now() + SLICE_MS;
  let count = 0;
  for (const item of items) {
    work(item);
    if (++count % ITEMS_PER_LOOK !== 0 || performance.now() < sliceEnd) continue;
    await setImmediate();
    sliceEnd = performance.now() + SLICE_MS;
  }
}
