import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { conclude, printTable } from './src/report.mjs';
import { startServer } from './src/server-process.mjs';

/** What a worker of a cluster costs with `cluster: 'shared'`, beside a stream per worker and an empty application. See README.md. */

const VARIANTS = ['empty', 'transparent', 'shared'];
const SIZE = 1_000;
const PUSHES = 20;
const MEGABYTE = 1_048_576;
/** How much longer than an empty application a worker may take to boot, in ms. */
const MAX_BOOT_MS = 15;

const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean' },
    json: { type: 'boolean' },
    workers: { type: 'string', default: '100' },
  },
});
const FILE = fileURLToPath(new URL('./src/cluster-primary.mjs', import.meta.url));

const at = (/** @type {number[]} */ numbers, /** @type {number} */ share) =>
  numbers.toSorted((a, b) => a - b)[Math.max(Math.ceil(numbers.length * share) - 1, 0)] ?? NaN;

const results = [];
for (const variant of VARIANTS) {
  if (!options.json) process.stderr.write(`${options.workers} workers, ${variant} …\n`);
  const server = await startServer('quonfig', SIZE);
  const primary = fork(FILE, [variant, options.workers, server.url], { execArgv: [] });
  primary.on('exit', (code) => {
    if (code) process.exit(1);
  });
  const [{ starts, memory }] = await once(primary, 'message');
  const latencies = [];
  let streams = 0;
  const pushes = variant === 'empty' ? 0 : PUSHES;
  for (let push = 2; push < pushes + 2; push++) {
    const written = await server.push(push);
    streams = written.streams;
    primary.send({ watch: push });
    const [{ arrivals }] = await once(primary, 'message');
    for (const arrival of arrivals) latencies.push(Number(BigInt(arrival) - written.at) / 1e6);
  }
  primary.disconnect();
  await once(primary, 'exit');
  server.close();
  const all = (/** @type {string} */ figure) => starts.map((start) => start[figure]);
  results.push({
    variant,
    streams,
    bootP50Ms: at(all('bootMs'), 0.5),
    bootP99Ms: at(all('bootMs'), 0.99),
    bootCpuMs: at(all('bootCpuMs'), 0.5),
    importMs: at(all('importMs'), 0.5),
    importCpuMs: at(all('importCpuMs'), 0.5),
    memoryMb: at(memory, 0.5) / MEGABYTE,
    pushP50Ms: at(latencies, 0.5),
    pushP99Ms: at(latencies, 0.99),
  });
}

/** @type {string[]} */
const misses = [];
const [empty, , shared] = results;
if (shared.streams !== 1) misses.push(`shared: ${shared.streams} streams, expected 1`);
const added = shared.bootP50Ms - empty.bootP50Ms;
if (added > MAX_BOOT_MS) {
  misses.push(
    `shared: a worker boots ${added.toFixed(1)} ms after an empty one, up to ${MAX_BOOT_MS} are allowed`,
  );
}

const number = (/** @type {number} */ value) => (Number.isNaN(value) ? '' : value.toFixed(1));
if (!options.json) {
  printTable(
    `${options.workers} workers, ${SIZE} configs   (target: one stream, boot at most ${MAX_BOOT_MS} ms above empty)`,
    [
      '',
      'streams',
      'import ms',
      'CPU',
      'boot p50 ms',
      'p99',
      'CPU',
      'memory MB',
      'push p50 ms',
      'p99',
    ],
    results.map((result) => [
      result.variant,
      String(result.streams),
      number(result.importMs),
      number(result.importCpuMs),
      number(result.bootP50Ms),
      number(result.bootP99Ms),
      number(result.bootCpuMs),
      number(result.memoryMb),
      number(result.pushP50Ms),
      number(result.pushP99Ms),
    ]),
  );
}
conclude(options, { workers: Number(options.workers), size: SIZE, results }, misses);
