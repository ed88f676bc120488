import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { commandLine, conclude, printTable } from './src/report.mjs';

/** What the module costs a request, on Express and Fastify. See README.md. */

const VARIANTS = ['plain', 'module', 'context', 'read', 'guarded'];
/** Most of the requests per second that a variant may lose against `plain`, as a share. */
const TARGETS = { context: 0.03, guarded: 0.08 };
const ROUNDS = 9;
const SECONDS = 1.5;
const CONNECTIONS = 50;

const options = commandLine();
const CHILD = fileURLToPath(new URL('./src/requests-child.mjs', import.meta.url));

/** Requests per second of one round. */
async function load(/** @type {string} */ url, seconds = SECONDS) {
  const { requests, duration, errors, non2xx } = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: seconds,
    headers: { 'x-user': 'u-1' },
  });
  if (errors + non2xx > 0) throw new Error(`${url}: ${errors} errors, ${non2xx} failed requests`);
  return requests.total / duration;
}

const median = (/** @type {number[]} */ values) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const results = [];
/** @type {string[]} */
const misses = [];
for (const platform of ['express', 'fastify']) {
  const servers = [];
  for (const variant of VARIANTS) {
    const child = fork(CHILD, [platform, variant], { execArgv: [] });
    child.on('exit', (code) => {
      if (code) process.exit(1);
    });
    const [{ url }] = await once(child, 'message');
    servers.push({ variant, child, url, ratios: [], rates: [] });
  }
  if (!options.json) process.stderr.write(`requests on ${platform} …\n`);
  for (const { url } of servers) await load(url, 1);
  const [plain, ...others] = servers;
  for (let round = 0; round < ROUNDS; round++) {
    // Pairs, so that a slow moment of the machine hits both, in an order that alternates.
    for (const server of others) {
      const pair = round % 2 === 0 ? [plain, server] : [server, plain];
      const rates = new Map();
      for (const each of pair) rates.set(each, await load(each.url));
      server.ratios.push(rates.get(server) / rates.get(plain));
      server.rates.push(rates.get(server));
      plain.rates.push(rates.get(plain));
    }
  }
  for (const { child } of servers) child.disconnect();
  for (const { variant, ratios, rates } of servers) {
    const ratio = variant === 'plain' ? 1 : median(ratios);
    results.push({ platform, variant, requestsPerSecond: Math.round(median(rates)), ratio });
    const target = TARGETS[variant];
    if (target !== undefined && ratio < 1 - target)
      misses.push(
        `${platform}, ${variant}: ${((1 - ratio) * 100).toFixed(1)} % fewer requests, target ${target * 100} %`,
      );
  }
}

if (!options.json)
  printTable(
    'Hello world, requests per second   (target: context at least 0.97, guarded 0.92)',
    ['', 'variant', 'requests/s', 'x plain'],
    results.map(({ platform, variant, requestsPerSecond, ratio }) => [
      platform,
      variant,
      String(requestsPerSecond),
      ratio.toFixed(3),
    ]),
  );
conclude(options, { connections: CONNECTIONS, rounds: ROUNDS, results }, misses);
