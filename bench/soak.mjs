/* oxlint-disable eslint/no-unmodified-loop-condition -- what goes on beside the loops changes it */
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { QuonfigService } from 'nestjs-quonfig';
import { MARKER } from './src/pushes.mjs';
import { growth, sampleResources, shown } from './src/resources.mjs';
import { following, startServer } from './src/server-process.mjs';

/** A service that follows a flapping server for a long time: `node --expose-gc soak.mjs [--minutes=30]`. See README.md. */

const { values: options } = parseArgs({ options: { minutes: { type: 'string', default: '30' } } });
const MINUTES = Number(options.minutes);
const SIZE = 1_000;
const FLAP_MS = 3_000;
const DOWN_MS = 1_000;
const PUSH_MS = 700;
/** 10 reads every 10 ms. */
const READ_MS = 10;
const READS_PER_TURN = 10;
/** How long the last set may take to arrive when the server stays up. */
const SETTLE_MS = 40_000;

const server = await startServer('quonfig', SIZE);
const service = await QuonfigService.create({
  ...following(server.url),
  // Polls take their turn in the flapping.
  fallbackPollIntervalMs: 1_000,
});

/** @type {string[]} */
const failures = [];
let reads = 0;
let seen = 0;
let installs = 0;
let slowestMs = 0;
/** Sets that were written to a stream and not read yet, and when. Sets grow, so a newer one stands for those before. */
const unread = new Map();
const updates = service.updates$.subscribe(() => installs++);

const reading = setInterval(() => {
  for (let read = 0; read < READS_PER_TURN; read++) {
    reads++;
    const number = service.getNumber(MARKER);
    if (number < seen) failures.push(`set ${number} was read after set ${seen}`);
    if (number === seen) continue;
    seen = number;
    for (const [written, at] of unread) {
      if (written > seen) break;
      slowestMs = Math.max(slowestMs, performance.now() - at);
      unread.delete(written);
    }
  }
}, READ_MS);

let running = true;
let number = 1;
let written = 0;

async function pushOne() {
  const { streams } = await server.push(++number);
  if (streams === 0) return;
  written++;
  if (number > seen) unread.set(number, performance.now());
}

async function push() {
  for (; running; await setTimeout(PUSH_MS)) await pushOne();
}

async function flap() {
  for (; running; await setTimeout(FLAP_MS - DOWN_MS)) {
    server.setDown(true);
    await setTimeout(DOWN_MS);
    server.setDown(false);
  }
}

const pushing = push();
const flapping = flap();
const samples = [];
for (let minute = 1; minute <= MINUTES; minute++) {
  await setTimeout(60_000);
  const now = await sampleResources();
  samples.push(now);
  const { connectAttempts } = service.metrics();
  console.log(
    `minute ${minute}: ${shown(now)}; reads ${reads}, ` +
      `installs ${installs}, pushes ${number - 1} (${written} written), unread ${unread.size}, ` +
      `slowest ${slowestMs.toFixed(0)} ms, attempts ${connectAttempts}`,
  );
}

running = false;
await Promise.all([pushing, flapping]);
// One more while the server stays up: it must be read, and it exactly.
await setTimeout(1_000);
await pushOne();
const end = performance.now() + SETTLE_MS;
while ((seen !== number || unread.size > 0) && performance.now() < end) await setTimeout(50);
clearInterval(reading);
updates.unsubscribe();
if (seen !== number) failures.push(`the last set is ${number}, ${seen} is read`);
if (unread.size > 0) failures.push(`${unread.size} written sets were never read`);

failures.push(...growth(samples));

await service.close();
server.close();
console.log(failures.length === 0 ? 'No growth, no set lost.' : failures.slice(0, 20).join('\n'));
process.exitCode = failures.length === 0 ? 0 : 1;
