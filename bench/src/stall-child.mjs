import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { QuonfigService } from 'nestjs-quonfig';
import { following, startServer } from './server-process.mjs';
import { turn, underTicker } from './ticker.mjs';

/** One install over the network in a process that has installed nothing before: `stall-child.mjs <stream|http> <size>`. */

const [way, size] = process.argv.slice(2);

let longestCollection = 0;
const observer = new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries())
    longestCollection = Math.max(longestCollection, duration);
});

const server = await startServer('quonfig', Number(size));
// The platform's HTTP client loads its parts at the first request, which is not what is measured.
for (let request = 0; request < 3; request++) await (await fetch(`${server.url}/warm`)).text();

const limits = {
  maxEnvelopeBytes: 512 * 1024 * 1024,
  initTimeout: 120_000,
  configFetchHedgeDelayMs: 110_000,
  configFetchHedgeAbortMs: 120_000,
  fallbackPollEnabled: false,
};

async function overHttp() {
  return QuonfigService.create({ ...following(server.url), ...limits, enableSSE: false });
}

/** The server refuses the first load, so that the first set comes over the stream. */
async function overStream() {
  const service = await QuonfigService.create({
    ...following(server.url),
    ...limits,
    apiUrls: [`${server.url}/nothing`],
    onInitFailure: 'return-defaults',
  });
  if (!service.ready()) await new Promise((resolve) => service.updates$.subscribe(resolve));
  return service;
}

await turn();
globalThis.gc();
observer.observe({ entryTypes: ['gc'] });
const {
  result: service,
  took,
  longest,
} = await underTicker(way === 'http' ? overHttp : overStream);
await turn();
observer.disconnect();

globalThis.gc();
const idle = await underTicker(() => setTimeout(Math.min(took, 1_000)));
const installed = service.keys().length;
if (installed !== Number(size)) throw new Error(`${installed} of ${size} configs were installed`);
await service.close();
process.send(
  {
    installMs: took,
    longestStallMs: longest,
    longestIdleMs: idle.longest,
    longestCollectionMs: longestCollection,
  },
  () => process.exit(0),
);
