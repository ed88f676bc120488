import { setTimeout } from 'node:timers/promises';
import { FOLLOWERS } from './followers.mjs';
import { startServer } from './server-process.mjs';

/**
 * One client and its server: `push-child.mjs <name> <size>`. Told `{ pushes: n }`, it gives the latencies of so many (ms).
 */

const [name, size] = process.argv.slice(2);

/** Between two pushes, so that nothing of one is left when the next comes. */
const PAUSE_MS = 15;

/** @type {bigint | undefined} */
let calledAt;
let called = () => {};

const server = await startServer(name, Number(size));
const follower = await FOLLOWERS[name](server.url, () => {
  if (calledAt !== undefined) return;
  calledAt = process.hrtime.bigint();
  called();
});
// The stream sends a whole set when it is opened; from here on, only what is pushed.
await setTimeout(500);

let number = 1;

async function latency() {
  number++;
  calledAt = undefined;
  const call = new Promise((resolve) => (called = () => resolve(undefined)));
  const [{ at, streams }] = await Promise.all([server.push(number), call]);
  const marker = await follower.marker();
  if (streams !== 1 || marker !== number)
    throw new Error(`${name}: set ${number} was pushed to ${streams} streams, ${marker} is read`);
  await setTimeout(PAUSE_MS);
  return Number(calledAt - at) / 1e6;
}

async function measure(/** @type {number} */ pushes) {
  const latencies = [];
  for (let push = 0; push < pushes; push++) latencies.push(await latency());
  process.send({ latencies });
}

process.on('message', (/** @type {any} */ { pushes }) => void measure(pushes));
process.on('disconnect', () => process.exit(0));
process.send({ version: follower.version });
