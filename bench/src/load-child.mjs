import { QuonfigService } from 'nestjs-quonfig';
import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { envelopeOf, logger } from './quonfig-configs.mjs';
import { realisticConfigs } from './realistic-configs.mjs';
import { turn, underTicker } from './ticker.mjs';

/**
 * One load of so many configs in a process that has loaded nothing before: `load-child.mjs <size>`. An application
 * does this once, with code the engine has not yet compiled, so nothing is warmed.
 */

const size = Number(process.argv[2]);
const options = { enableQuonfigUserContext: false, logger };

async function heap() {
  // More than once, with a turn between: the first may leave what finalizers and weak references hold.
  for (let pass = 0; pass < 3; pass++) {
    globalThis.gc();
    await turn();
  }
  return process.memoryUsage().heapUsed;
}

let longestCollection = 0;
const observer = new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries())
    longestCollection = Math.max(longestCollection, duration);
});

// The empty service, so that the code itself is not counted as heap of the configs.
const empty = await QuonfigService.create({
  ...options,
  datafile: envelopeOf(realisticConfigs(1)),
});

/** A function of its own: nothing of what the text was made from stays behind in a variable. */
const textOf = (/** @type {number} */ count) => JSON.stringify(envelopeOf(realisticConfigs(count)));
const text = textOf(size);
const jsonBytes = text.length;
// The text stays until the end, so it is in no difference.
const bare = await heap();

/**
 * Reached through this only, and set by a function: a variable of this module could live on in a register.
 * @type {{ parsed: any }}
 */
const caller = { parsed: undefined };
const parse = () => {
  caller.parsed = JSON.parse(text);
};
parse();
const parsedHeap = (await heap()) - bare;

await turn();
observer.observe({ entryTypes: ['gc'] });
const {
  result: service,
  took,
  longest,
} = await underTicker(() => QuonfigService.create({ ...options, datafile: caller.parsed }));
await turn();
observer.disconnect();
caller.parsed = undefined;

// The same ticker with nothing to do: what the machine itself holds the loop up.
globalThis.gc();
const idle = await underTicker(() => setTimeout(Math.min(took, 1_000)));

const installedHeap = (await heap()) - bare;

const keys = service.keys();
if (keys.length !== size) throw new Error(`${keys.length} of ${size} configs were installed`);
const contexts = {
  user: { key: 'user-1', email: 'a@mail.example.net', plan: 'pro', country: 'DE', age: 30 },
};
const start = performance.now();
for (const key of keys) if (service.get(key, contexts) === undefined) throw new Error(key);
const firstReads = performance.now() - start;
keys.length = 0;
const readHeap = (await heap()) - bare;

await service.close();
await empty.close();
process.send(
  {
    size,
    jsonBytes,
    loadMs: took,
    longestStallMs: longest,
    longestIdleMs: idle.longest,
    longestCollectionMs: longestCollection,
    firstReadNs: (firstReads * 1e6) / size,
    heap: { parsed: parsedHeap, installed: installedHeap, afterReads: readHeap },
  },
  () => process.exit(0),
);
