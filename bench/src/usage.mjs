import { setTimeout } from 'node:timers/promises';

/** What the process holds after a garbage collection, in bytes. */
export async function usage() {
  for (let pass = 0; pass < 3; pass++) {
    globalThis.gc();
    await setTimeout(50);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heapUsed, external };
}
