import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { commandLine, conclude, printTable } from './src/report.mjs';

/** From the server's write of a whole set to the call of the client's handler. See README.md. */

const OURS = 'quonfig';
const NAMES = [OURS, 'launchdarkly', 'unleash'];
const SIZE = 1_000;
const ROUNDS = 15;
const PUSHES_PER_ROUND = 20;
/** Rounds before the measured ones. */
const WARM_UP_ROUNDS = 3;

const options = commandLine();

const CHILD = fileURLToPath(new URL('./src/push-child.mjs', import.meta.url));

const lanes = [];
for (const name of NAMES) {
  const child = fork(CHILD, [name, String(SIZE)], { execArgv: [] });
  child.on('exit', (code) => {
    if (code) process.exit(1);
  });
  const [{ version }] = await once(child, 'message');
  lanes.push({ name, version, child, latencies: [] });
}

for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
  if (!options.json && round === 0) process.stderr.write(`pushing ${SIZE} configs …\n`);
  for (let turn = 0; turn < lanes.length; turn++) {
    const lane = lanes[(turn + round + WARM_UP_ROUNDS) % lanes.length];
    lane.child.send({ pushes: PUSHES_PER_ROUND });
    const [{ latencies }] = await once(lane.child, 'message');
    if (round >= 0) lane.latencies.push(...latencies);
  }
}
for (const { child } of lanes) child.disconnect();

const results = lanes.map(({ name, version, latencies }) => {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (/** @type {number} */ share) => sorted[Math.ceil(sorted.length * share) - 1];
  return { name, version, pushes: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), worstMs: at(1) };
});

/** @type {string[]} */
const misses = [];
const ours = results.find(({ name }) => name === OURS);
for (const peer of results) {
  if (peer === ours) continue;
  for (const figure of ['p50Ms', 'p99Ms'])
    if (peer[figure] <= ours[figure])
      misses.push(
        `${figure.slice(0, 3)}: ${peer.name} takes ${peer[figure].toFixed(1)} ms, we take ${ours[figure].toFixed(1)}`,
      );
}

if (!options.json)
  printTable(
    `From the write of a set of ${SIZE} configs to the handler, ms   (target: p50 and p99 below every peer)`,
    ['', 'version', 'pushes', 'p50', 'p99', 'worst'],
    results.map(({ name, version, pushes, p50Ms, p99Ms, worstMs }) => [
      name,
      version,
      String(pushes),
      ...[p50Ms, p99Ms, worstMs].map((ms) => ms.toFixed(2)),
    ]),
  );
conclude(options, { size: SIZE, results }, misses);
