import { inChild } from './src/child.mjs';
import { median } from './src/measure.mjs';
import { commandLine, conclude, printTable } from './src/report.mjs';

/** How a large set of configs is taken in: time, the longest stall of the event loop, heap. See README.md. */

const SIZES = [1_000, 10_000, 100_000];
/** Processes for each size; what is shown is the median of them, and the worst stall. */
const RUNS = 5;
const RUNS_OF_LARGEST = 3;

/** The size that has targets. */
const TARGET_SIZE = 10_000;
const TARGET_STALL_MS = 10;
/** Heap of the installed configs, times the heap of the JSON they were parsed from. */
const TARGET_HEAP = 1.5;

const options = commandLine();

const sizes = [];
for (const size of SIZES) {
  const runs = [];
  const count = size === SIZES.at(-1) ? RUNS_OF_LARGEST : RUNS;
  for (let run = 0; run < count; run++) {
    if (!options.json) process.stderr.write(`loading ${size} configs …\n`);
    runs.push(await inChild('./load-child.mjs', [String(size)]));
  }
  const of = (/** @type {(run: any) => number} */ pick) => median(runs.map(pick));
  sizes.push({
    size,
    jsonBytesPerConfig: of((run) => run.jsonBytes) / size,
    loadMs: of((run) => run.loadMs),
    longestStallMs: of((run) => run.longestStallMs),
    worstStallMs: Math.max(...runs.map((run) => run.longestStallMs)),
    longestIdleMs: of((run) => run.longestIdleMs),
    longestCollectionMs: of((run) => run.longestCollectionMs),
    firstReadNs: of((run) => run.firstReadNs),
    parsedHeapPerConfig: of((run) => run.heap.parsed) / size,
    heapPerConfig: of((run) => run.heap.installed) / size,
    heapRatio: of((run) => run.heap.installed / run.heap.parsed),
    heapPerConfigAfterReads: of((run) => run.heap.afterReads) / size,
    heapRatioAfterReads: of((run) => run.heap.afterReads / run.heap.parsed),
  });
}

/** @type {string[]} */
const misses = [];
const target = sizes.find(({ size }) => size === TARGET_SIZE);
if (target.longestStallMs > TARGET_STALL_MS)
  misses.push(
    `${TARGET_SIZE} configs: the event loop stalls for ${target.longestStallMs.toFixed(1)} ms, the target is ${TARGET_STALL_MS}`,
  );
if (target.heapRatio > TARGET_HEAP)
  misses.push(
    `${TARGET_SIZE} configs: heap is ${target.heapRatio.toFixed(2)} × that of the parsed JSON, the target is ${TARGET_HEAP}`,
  );

if (!options.json) {
  printTable(
    `Installing configs from a parsed object   (targets at ${TARGET_SIZE}: stall ${TARGET_STALL_MS} ms, heap ${TARGET_HEAP} ×)`,
    [
      'configs',
      'JSON B each',
      'load ms',
      'longest stall ms',
      'worst run ms',
      'longest GC ms',
      'idle ms',
      'first read ns',
    ],
    sizes.map((each) => [
      String(each.size),
      each.jsonBytesPerConfig.toFixed(0),
      each.loadMs.toFixed(1),
      each.longestStallMs.toFixed(1),
      each.worstStallMs.toFixed(1),
      each.longestCollectionMs.toFixed(1),
      each.longestIdleMs.toFixed(1),
      each.firstReadNs.toFixed(0),
    ]),
  );
  printTable(
    'Heap per config, and as multiple of the parsed JSON',
    ['configs', 'parsed JSON B', 'installed B', '×', 'after each was read B', '×'],
    sizes.map((each) => [
      String(each.size),
      each.parsedHeapPerConfig.toFixed(0),
      each.heapPerConfig.toFixed(0),
      each.heapRatio.toFixed(2),
      each.heapPerConfigAfterReads.toFixed(0),
      each.heapRatioAfterReads.toFixed(2),
    ]),
  );
}
conclude(options, { sizes }, misses);
