import { parseArgs } from 'node:util';
import { openLane } from './src/fleet-lane.mjs';
import { conclude, printTable } from './src/report.mjs';

/** What a relay adds to a bare server of streams. See README.md. */

const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean' },
    json: { type: 'boolean' },
    clients: { type: 'string', default: '1,100,1000,5000' },
    configs: { type: 'string', default: '1000,10000' },
  },
});
const CLIENTS = options.clients.split(',').map(Number);
const SIZES = options.configs.split(',').map(Number);
const BARE = 'bare-stream-server';
const RELAY = 'relay-server';
const NAMES = [BARE, 'bare-in-nest-server', RELAY];

/** p99 of the relay, over that of the bare server. */
const TARGET = 1.5;
/** Bytes that each server sends for a measurement, as far as the bounds of its pushes allow. */
const BYTES_PER_LANE = 3e9;
const MIN_PUSHES = 2;
/** Also of a single client: the p99 of few latencies is their maximum. */
const MAX_PUSHES = 300;

/** Measures the servers in alternating order, with the same number of clients. */
async function measure(lanes, /** @type {number} */ clients, /** @type {number} */ size) {
  const pushes = Math.ceil(BYTES_PER_LANE / lanes[0].bytes / clients);
  const rounds = Math.min(Math.max(pushes, MIN_PUSHES), MAX_PUSHES);
  const figures = lanes.map(() => ({ latencies: [], cpuSeconds: [] }));
  for (const lane of lanes) await lane.connect(clients);
  for (let round = -1; round < rounds; round++) {
    for (let turn = 0; turn < lanes.length; turn++) {
      const at = (turn + round + 1) % lanes.length;
      const { latencies, cpuSeconds } = await lanes[at].push();
      if (round < 0) continue;
      figures[at].latencies.push(latencies);
      figures[at].cpuSeconds.push(cpuSeconds);
    }
  }
  return Promise.all(
    lanes.map(async (lane, at) => {
      const { latencies, cpuSeconds } = figures[at];
      const { rss } = await lane.usage();
      return {
        name: lane.name,
        size,
        clients,
        pushes: rounds,
        p50Ms: latency(latencies, 0.5),
        p99Ms: latency(latencies, 0.99),
        cpuSecondsPerClient: mean(cpuSeconds) / clients,
        bytesPerClient: (rss - lane.idle) / clients,
      };
    }),
  );
}

/**
 * A quantile over the clients of a push, as the median of all pushes: other work on the machine disturbs single ones. With
 * few clients, it is one over all pushes.
 */
function latency(/** @type {number[][]} */ pushes, /** @type {number} */ share) {
  if (pushes[0].length < 100) return quantile(pushes.flat(), share);
  return quantile(
    pushes.map((latencies) => quantile(latencies, share)),
    0.5,
  );
}

function quantile(/** @type {number[]} */ values, /** @type {number} */ share) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.ceil(sorted.length * share) - 1];
}

const mean = (/** @type {number[]} */ values) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const results = [];
for (const size of SIZES) {
  const lanes = [];
  for (const name of NAMES) lanes.push(await openLane(name, size));
  for (const lane of lanes) Object.assign(lane, { idle: (await lane.usage()).rss });
  for (const clients of CLIENTS) {
    if (!options.json) process.stderr.write(`${clients} clients, ${size} configs …\n`);
    results.push(...(await measure(lanes, clients, size)));
  }
  for (const lane of lanes) lane.close();
}

const ratioOf = (server) => {
  const bare = results.find(
    ({ name, size, clients }) =>
      name === BARE && size === server.size && clients === server.clients,
  );
  return server.p99Ms / bare.p99Ms;
};
const misses = results
  .filter((result) => result.name === RELAY && ratioOf(result) > TARGET)
  .map(
    (result) =>
      `${result.clients} clients, ${result.size} configs: p99 is ${ratioOf(result).toFixed(2)} × bare`,
  );

if (!options.json)
  for (const size of SIZES)
    printTable(
      `From the install of ${size} configs to the last byte at each client   (target: p99 at most ${TARGET} × bare)`,
      ['', 'clients', 'pushes', 'p50 ms', 'p99 ms', '× bare', 'CPU ms/client', 'kB/client'],
      results
        .filter((result) => result.size === size)
        .map((result) => [
          result.name,
          String(result.clients),
          String(result.pushes),
          result.p50Ms.toFixed(1),
          result.p99Ms.toFixed(1),
          result.name === BARE ? '' : ratioOf(result).toFixed(2),
          (result.cpuSecondsPerClient * 1e3).toFixed(2),
          result.clients < 100 ? '' : (result.bytesPerClient / 1e3).toFixed(1),
        ]),
    );
conclude(options, { results }, misses);
