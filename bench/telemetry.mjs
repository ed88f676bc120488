import { once } from 'node:events';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { inChild } from './src/child.mjs';
import { CONTENDERS } from './src/contender.mjs';
import { conclude, printTable } from './src/report.mjs';
import { WORKLOADS } from './src/workloads.mjs';

/**
 * What telemetry adds to a read: this package with telemetry on, and off, and the peers without any. Then what it takes
 * to write a full window.
 */

/** Telemetry on, as a multiple of telemetry off, at most. */
const TARGETS = { W1: 1.25, W2: 1.25, W2c: 2, W3: 1.25, W4: 1.25, W5: 1.25 };
const TARGET_BYTES = 64;
const TARGET_STALL_MS = 15;
const ON = 'quonfig-telemetry';
const OFF = 'quonfig';
/** See `reads.mjs`. */
const FLAGS = ['--min-semi-space-size=16', '--no-allocation-site-pretenuring'];
const NAMES = Object.keys(TARGETS);
/** Turns of the two of us. */
const TURNS = 7;

const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean' },
    json: { type: 'boolean' },
    contenders: {
      type: 'string',
      default: CONTENDERS.filter((name) => name !== OFF).join(','),
    },
  },
});

let reports = 0;
const sink = createServer((request, response) => {
  request.resume().on('end', () => {
    reports++;
    response.end('{}');
  });
});
sink.listen(0, '127.0.0.1');
await once(sink, 'listening');
const { port } = /** @type {any} */ (sink.address());
process.env['BENCH_TELEMETRY_URL'] = `http://127.0.0.1:${port}`;

/** @typedef {{ ns: number, bytes: number, limit: { ns: number } }} Result */

/** @param {string} name @returns {Promise<Record<string, Result>>} */
async function measure(name) {
  if (!options.json) process.stderr.write(`measuring ${name} …\n`);
  const { results } = await inChild('./reads-child.mjs', [name, NAMES.join(','), 'reused'], FLAGS);
  return results;
}

/** @param {number[]} values */
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

const off = [];
const on = [];
for (let turn = 0; turn < TURNS; turn++) {
  off.push(await measure(OFF));
  on.push(await measure(ON));
}
/** @type {Record<string, Record<string, Result>>} */
const peers = {};
for (const name of options.contenders.split(',').filter(Boolean)) peers[name] = await measure(name);
const drain = await inChild('./telemetry-child.mjs', []);
sink.closeAllConnections();
sink.close();

/** @type {string[]} */
const misses = [];
if (reports === 0) misses.push('no report reached the sink: telemetry was not on');
/** @type {Record<string, unknown>} */
const workloads = {};
for (const [name, target] of Object.entries(TARGETS)) {
  // What else the machine does only ever makes a turn slower: the fastest is the one that was disturbed least.
  const nsOf = (/** @type {Record<string, Result>[]} */ turns) =>
    Math.min(...turns.map((results) => results[name].ns));
  const bytes = median(on.map((results) => results[name].bytes));
  const ns = nsOf(on);
  // Of turns side by side, since the machine is faster at one time than at another.
  const ratio = median(on.map((results, turn) => results[name].ns / off[turn][name].ns));
  workloads[name] = { ns, off: nsOf(off), ratio, bytes };
  if (ratio > target) misses.push(`${name}: ${ratio.toFixed(2)} × off, the target is ${target} ×`);
  if (bytes >= TARGET_BYTES) misses.push(`${name}: ${bytes.toFixed(0)} bytes a call`);
  for (const [peer, results] of Object.entries(peers))
    if (results[name] && results[name].ns <= ns)
      misses.push(
        `${name}: ${peer} takes ${results[name].ns.toFixed(1)} ns, we take ${ns.toFixed(1)}`,
      );
  if (options.json) continue;
  const { title } = /** @type {{ title: string }} */ (WORKLOADS.find((each) => each.name === name));
  printTable(
    `${name}  ${title}   (target: at most ${target} × off, below ${TARGET_BYTES} bytes, ahead of all)`,
    ['', 'ns/call', '× off', 'bytes/call'],
    [
      ['telemetry on', ns.toFixed(1), ratio.toFixed(2), bytes.toFixed(0)],
      ['telemetry off', nsOf(off).toFixed(1), '1.00', ''],
      ...Object.entries(peers).map(([peer, results]) => [
        peer,
        results[name]?.ns.toFixed(1) ?? '–',
        '',
        '',
      ]),
    ],
  );
}
if (drain.stall > TARGET_STALL_MS)
  misses.push(
    `a full window stalls ${drain.stall.toFixed(1)} ms, the target is ${TARGET_STALL_MS} ms`,
  );
if (!options.json) {
  printTable(
    `A full window: 10,000 keys, 10,000 examples of 20 properties, 100,000 identities to forget   (target: no stall above ${TARGET_STALL_MS} ms)`,
    ['', 'took ms', 'longest stall ms', 'idle ms', 'bytes'],
    [
      [
        '',
        drain.took.toFixed(0),
        drain.stall.toFixed(1),
        drain.idle.toFixed(1),
        String(drain.bytes),
      ],
    ],
  );
}
conclude(options, { reports, workloads, drain }, misses);
