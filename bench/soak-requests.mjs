import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { growth, sampleResources, shown } from './src/resources.mjs';
import { startSoakApp } from './src/soak-app.mjs';
import { setTimeout } from 'node:timers/promises';

/** Two Nest applications under load for a long time: `node --expose-gc soak-requests.mjs [--minutes=30]`. See README.md. */

const { values: options } = parseArgs({ options: { minutes: { type: 'string', default: '30' } } });
const CLIENT = fileURLToPath(new URL('./src/soak-client.mjs', import.meta.url));

const apps = [await startSoakApp('express'), await startSoakApp('fastify')];
const client = fork(
  CLIENT,
  apps.map(({ url }) => url),
  { execArgv: [] },
);
/** @type {{ requests: number, failures: string[] }} */
let sent = { requests: 0, failures: [] };
client.on('message', (/** @type {typeof sent} */ message) => (sent = message));

const samples = [];
for (let minute = 1; minute <= Number(options.minutes); minute++) {
  await setTimeout(60_000);
  const now = await sampleResources();
  samples.push(now);
  console.log(`minute ${minute}: ${shown(now)}; requests ${sent.requests}`);
}

client.send('stop');
await once(client, 'exit');
// Handles and timers belong to the requests in progress.
const failures = [...sent.failures, ...growth(samples, ['heap', 'external', 'listeners'])];
await Promise.all(apps.map(({ close }) => close()));
console.log(
  failures.length === 0 ? 'No growth, no wrong context.' : failures.slice(0, 20).join('\n'),
);
process.exitCode = failures.length === 0 ? 0 : 1;
