import { inChild } from './src/child.mjs';
import { median } from './src/measure.mjs';
import { commandLine, conclude, printTable } from './src/report.mjs';

/** What it costs a read that its contexts come from the request. See README.md. */

/** Most that a read with the contexts of the request may cost, compared with one that is given the same contexts. */
const TARGET = 1.5;
const PROCESSES = 5;

const options = commandLine();

/** @type {Record<string, number>[]} */
const runs = [];
if (!options.json) process.stderr.write('measuring …\n');
for (let run = 0; run < PROCESSES; run++) runs.push(await inChild('./ambient-child.mjs', []));
const lanes = Object.keys(runs[0]).map((name) => ({
  name,
  ns: median(runs.map((run) => run[name])),
  ratio: median(runs.map((run) => run[name] / run['given, without the option'])),
}));

const { ratio } = lanes.find(({ name }) => name === 'of the request');
const misses =
  ratio > TARGET
    ? [
        `of the request: ${ratio.toFixed(2)} × a read with given contexts, the target is ${TARGET} ×`,
      ]
    : [];
if (!options.json)
  printTable(
    `A flag with three rules, by where its contexts come from   (target: of the request at most ${TARGET} x)`,
    ['contexts', 'ns/call', 'x'],
    lanes.map((lane) => [lane.name, lane.ns.toFixed(1), lane.ratio.toFixed(2)]),
  );
conclude(options, { lanes }, misses);
