import { inChild } from './src/child.mjs';
import { median } from './src/measure.mjs';
import { commandLine, conclude, printTable } from './src/report.mjs';

/** The longest stall of the event loop while configs come in over the network. See README.md. */

/** Sizes, the longest stall that each may cause (ms), and processes for each. */
const SIZES = [
  { size: 10_000, targetMs: 15, runs: 5 },
  { size: 100_000, targetMs: 25, runs: 3 },
];

const options = commandLine();

const results = [];
/** @type {string[]} */
const misses = [];
for (const { size, targetMs, runs: count } of SIZES) {
  for (const way of ['http', 'stream']) {
    const runs = [];
    for (let run = 0; run < count; run++) {
      if (!options.json) process.stderr.write(`${size} configs, ${way} …\n`);
      runs.push(await inChild('./stall-child.mjs', [way, String(size)]));
    }
    const of = (/** @type {string} */ figure) => median(runs.map((run) => run[figure]));
    const longestStallMs = of('longestStallMs');
    results.push({
      size,
      way,
      installMs: of('installMs'),
      longestStallMs,
      worstStallMs: Math.max(...runs.map((run) => run.longestStallMs)),
      longestCollectionMs: of('longestCollectionMs'),
      longestIdleMs: of('longestIdleMs'),
    });
    if (longestStallMs > targetMs)
      misses.push(
        `${size} configs, ${way}: the event loop stalls for ${longestStallMs.toFixed(1)} ms, the target is ${targetMs}`,
      );
  }
}

if (!options.json)
  printTable(
    `Installing configs over the network, ms   (targets: ${SIZES.map(({ size, targetMs }) => `stall ${targetMs} at ${size}`).join(', ')})`,
    ['configs', 'over', 'install', 'longest stall', 'worst', 'longest GC', 'idle'],
    results.map((row) => [
      String(row.size),
      row.way,
      row.installMs.toFixed(0),
      row.longestStallMs.toFixed(1),
      row.worstStallMs.toFixed(1),
      row.longestCollectionMs.toFixed(1),
      row.longestIdleMs.toFixed(1),
    ]),
  );
conclude(options, { results }, misses);
