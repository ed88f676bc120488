/**
 * How time and memory are taken. Needs `--expose-gc`.
 * @typedef {(count: number) => unknown} Run makes that many calls; a promise when the calls are awaited
 */

/** One round lasts about this long (ms): shorter than the time another process takes the processor for, if one does. */
const ROUND_MS = 1;
const ROUNDS = 101;
const MEMORY_ROUNDS = 7;
/** Bytes a memory round may allocate: well within the young generation, so that no collection falls into it. */
const MEMORY_BUDGET = 3_000_000;

export function median(/** @type {number[]} */ values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Runs for at least so many ms. */
export async function warmUp(/** @type {Run} */ run, /** @type {number} */ ms) {
  const end = performance.now() + ms;
  while (performance.now() < end) await run(200);
}

/** How many calls fill one round. */
async function callsOfRound(/** @type {Run} */ run) {
  for (let count = 100; ; count *= 2) {
    const start = performance.now();
    await run(count);
    const took = performance.now() - start;
    if (took >= ROUND_MS / 2) return Math.max(1, Math.round((count * ROUND_MS) / took));
  }
}

/**
 * The median time of a call (ns) for each of the given, in rounds that take turns, so that whatever slows the
 * machine down for a while slows all of them down.
 * @param {Run[]} runs
 * @param {(index: number) => void} afterRound checks the answers of the round
 */
export async function nanosecondsPerCall(runs, afterRound = () => {}) {
  const counts = [];
  for (const run of runs) counts.push(await callsOfRound(run));
  /** @type {number[][]} */
  const samples = runs.map(() => []);
  globalThis.gc();
  for (let round = 0; round < ROUNDS; round++) {
    for (let turn = 0; turn < runs.length; turn++) {
      const index = (turn + round) % runs.length;
      const start = process.hrtime.bigint();
      await runs[index](counts[index]);
      const took = Number(process.hrtime.bigint() - start);
      samples[index].push(took / counts[index]);
      afterRound(index);
    }
  }
  return samples.map(median);
}

async function heapGrowth(/** @type {Run} */ run, /** @type {number} */ count) {
  /** @type {number[]} */
  const growths = [];
  for (let round = 0; round < MEMORY_ROUNDS; round++) {
    // Empties the young generation; a full collection each time would take most of the run.
    globalThis.gc({ type: 'minor' });
    const before = process.memoryUsage().heapUsed;
    await run(count);
    growths.push(process.memoryUsage().heapUsed - before);
  }
  return median(growths) / count;
}

/** Heap bytes a call allocates, without what `own` (the loop's own work) allocates. */
export async function bytesPerCall(/** @type {Run} */ run, /** @type {Run} */ own = () => {}) {
  globalThis.gc();
  const first = Math.max(1, await heapGrowth(run, 200));
  const count = Math.min(50_000, Math.max(200, Math.round(MEMORY_BUDGET / first)));
  return Math.max(0, (await heapGrowth(run, count)) - (await heapGrowth(own, count)));
}
