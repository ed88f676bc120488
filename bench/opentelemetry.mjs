import { inChild } from './src/child.mjs';
import { commandLine, conclude, printTable } from './src/report.mjs';

/** What `instrumentQuonfig` adds to a read, without a span and in spans. See README.md. */

/** Multiples of a read that is not instrumented, at most. */
const TARGETS = {
  'no span': 2.5,
  'span that is not recorded': 2.5,
  'recorded span, key known': 2.5,
};
const FLAGS = ['--min-semi-space-size=16', '--no-allocation-site-pretenuring'];
const ROUNDS = 5;

const options = commandLine();

/** @typedef {{ name: string, ns: number, bytes: number }} Lane */
/** @type {Lane[][]} */
const rounds = [];
for (let round = 0; round < ROUNDS; round++) {
  if (!options.json) process.stderr.write(`measuring ${round + 1}/${ROUNDS} …\n`);
  rounds.push(await inChild('./opentelemetry-child.mjs', [], FLAGS));
}

const median = (/** @type {number[]} */ values) => values.sort((a, b) => a - b)[values.length >> 1];
const lanes = rounds[0].map(({ name }, index) => ({
  name,
  ns: median(rounds.map((round) => round[index].ns)),
  ratio: median(rounds.map((round) => round[index].ns / round[0].ns)),
  bytes: median(rounds.map((round) => round[index].bytes)),
}));

/** @type {string[]} */
const misses = [];
for (const { name, ratio } of lanes) {
  const target = TARGETS[name];
  if (ratio > target) misses.push(`${name}: ${ratio.toFixed(2)} ×, the target is ${target} ×`);
}
if (!options.json) {
  printTable(
    'A flag with three rules, one context object',
    ['', 'ns/call', '× not instrumented', 'bytes/call'],
    lanes.map(({ name, ns, ratio, bytes }) => [
      name,
      ns.toFixed(1),
      ratio.toFixed(2),
      bytes.toFixed(0),
    ]),
  );
}
conclude(options, { lanes }, misses);
