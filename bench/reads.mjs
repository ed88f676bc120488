import { parseArgs } from 'node:util';
import { inChild } from './src/child.mjs';
import { CONTENDERS } from './src/contender.mjs';
import { conclude, printTable } from './src/report.mjs';
import { WORKLOADS } from './src/workloads.mjs';

/** Read speed and allocation of every contender, beside decisions written by hand. See README.md. */

/**
 * Times `limit`, at most. W5r is there to be seen: it has none.
 * @type {Record<string, number | undefined>}
 */
const TARGETS = { W1: 5, W2: 3, W2c: 3, W3: 2, W4: 5, W5: 3 };
const TARGET_BYTES = 64;
const OURS = 'quonfig';

/**
 * The young generation at once of the size it grows to under load: memory rounds must fit into it. And no guesses of the
 * engine that fresh contexts will be old: a forced collection right after some were made has it guess so now and then, of
 * one of the two lanes, for good, and each object then costs that lane 50 ns more.
 */
const FLAGS = ['--min-semi-space-size=16', '--no-allocation-site-pretenuring'];

const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean' },
    json: { type: 'boolean' },
    isolated: { type: 'boolean' },
    contenders: { type: 'string', default: CONTENDERS.join(',') },
    workloads: { type: 'string', default: WORKLOADS.map(({ name }) => name).join(',') },
  },
});

/** @typedef {{ ns: number, bytes: number, ratio: number, version: string }} Score */
/** @type {Record<string, Record<string, Score>>} by workload, then contender */
const scores = {};

const shares = options.isolated ? options.workloads.split(',') : [options.workloads];
for (const name of options.contenders.split(',')) {
  for (const share of shares) {
    if (!options.json) process.stderr.write(`measuring ${name} ${share} …\n`);
    const { version, results } = await inChild('./reads-child.mjs', [name, share], FLAGS);
    for (const [workload, { ns, bytes, limit }] of Object.entries(results)) {
      scores[workload] ??= {};
      if (name === OURS) scores[workload].limit = { ...limit, ratio: 1, version: '' };
      scores[workload][name] = { ns, bytes, ratio: ns / limit.ns, version };
    }
  }
}

/** @type {string[]} */
const misses = [];
for (const [workload, byName] of Object.entries(scores)) {
  const ours = byName[OURS];
  if (!ours) continue;
  const target = TARGETS[workload];
  if (target !== undefined && ours.ratio > target)
    misses.push(`${workload}: ${ours.ratio.toFixed(2)} × limit, the target is ${target} ×`);
  if (ours.bytes >= TARGET_BYTES)
    misses.push(
      `${workload}: ${ours.bytes.toFixed(0)} bytes a call, the target is below ${TARGET_BYTES}`,
    );
  for (const [name, { ns }] of Object.entries(byName))
    if (name !== 'limit' && name !== OURS && ns <= ours.ns)
      misses.push(`${workload}: ${name} takes ${ns.toFixed(1)} ns, we take ${ours.ns.toFixed(1)}`);
}

if (!options.json) {
  for (const { name, title } of WORKLOADS) {
    if (!scores[name]) continue;
    const target = TARGETS[name] === undefined ? '' : `, at most ${TARGETS[name]} × limit`;
    printTable(
      `${name}  ${title}   (target: ahead of all, below ${TARGET_BYTES} bytes${target})`,
      ['', 'version', 'ns/call', '× limit', 'bytes/call'],
      Object.entries(scores[name]).map(([contender, { version, ns, ratio, bytes }]) => [
        contender,
        version,
        ns.toFixed(1),
        ratio.toFixed(2),
        bytes.toFixed(0),
      ]),
    );
  }
}
conclude(options, { isolated: options.isolated ?? false, workloads: scores }, misses);
