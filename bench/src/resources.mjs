import { setTimeout } from 'node:timers/promises';

/** What the calmest of the last samples may be above the first one. */
const TOLERANCES = { heap: 3_000_000, external: 3_000_000, handles: 4, timers: 4, listeners: 0 };

if (globalThis.gc === undefined) throw new Error('Run it with --expose-gc, as npm does.');

const mb = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/** What the process holds after a garbage collection. */
export async function sampleResources() {
  for (let pass = 0; pass < 3; pass++) {
    globalThis.gc();
    await setTimeout(20);
  }
  const resources = process.getActiveResourcesInfo();
  const timers = resources.filter((name) => name === 'Timeout' || name === 'Immediate').length;
  const listeners = process
    .eventNames()
    .reduce((sum, name) => sum + process.listenerCount(name), 0);
  const { heapUsed, rss, external } = process.memoryUsage();
  const handles = resources.length - timers;
  return { heap: heapUsed, rss, external, handles, timers, listeners };
}

export const shown = (/** @type {Awaited<ReturnType<typeof sampleResources>>} */ sample) =>
  `heap ${mb(sample.heap)}, external ${mb(sample.external)}, rss ${mb(sample.rss)}, ` +
  `handles ${sample.handles}, timers ${sample.timers}, listeners ${sample.listeners}`;

/**
 * What has grown since the first sample. One sample may fall into a busy moment: growth is what the calmest of the last
 * three shows.
 * @param {Awaited<ReturnType<typeof sampleResources>>[]} samples
 * @param {string[]} [kinds] default: all
 */
export function growth(samples, kinds = Object.keys(TOLERANCES)) {
  const [first, ...later] = samples;
  if (later.length === 0) return [];
  return kinds.flatMap((kind) => {
    const tolerance = TOLERANCES[kind];
    const last = Math.min(...later.slice(-3).map((each) => each[kind]));
    return last > first[kind] + tolerance ? [`${kind} grew from ${first[kind]} to ${last}`] : [];
  });
}
