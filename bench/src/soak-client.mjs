/* oxlint-disable eslint/no-unmodified-loop-condition -- a message of the parent process changes it */
import { setTimeout } from 'node:timers/promises';

/** Sends requests to applications of `soak-app.mjs` until told to stop: `node soak-client.mjs <url …>`. */

const LANES_PER_APP = 10;
/** Each lane waits this long between two requests. */
const PAUSE_MS = 50;
const urls = process.argv.slice(2);
/** @type {string[]} */
const failures = [];
let requests = 0;
let running = true;

const body = JSON.stringify({ text: 'x'.repeat(100_000) });
const json = { 'content-type': 'application/json' };

/** @type {((url: string, user: string) => Promise<void>)[]} */
const WAYS = [
  (url, user) => send(`${url}/late`, user),
  (url, user) => send(`${url}/guarded`, user),
  (url, user) => send(`${url}/posted`, user, { method: 'POST', headers: json, body }),
  (url, user) => send(`${url}/job`, user),
  (url, user) => send(`${url}/events`, user),
  (url, user) => abandon(`${url}/abandoned`, user),
];

async function send(url, user, init = {}) {
  const response = await fetch(url, { ...init, headers: { ...init.headers, 'x-user': user } });
  const text = await response.text();
  const answers = url.endsWith('/events')
    ? [...text.matchAll(/data: (.*)/g)].map(([, it]) => it)
    : [text];
  requests++;
  if (!response.ok) failures.push(`${url} answered ${response.status}`);
  for (const answer of answers)
    if (answer !== user) failures.push(`${url} answered ${answer} to ${user}`);
}

async function abandon(url, user) {
  const signal = AbortSignal.timeout(10);
  await fetch(url, { headers: { 'x-user': user }, signal }).catch(() => undefined);
  requests++;
}

async function lane(url, first) {
  for (let turn = first; running; turn++) {
    await WAYS[turn % WAYS.length](url, `user-${turn % 20}`);
    await setTimeout(PAUSE_MS);
  }
}

const report = () => process.send({ requests, failures: failures.slice(0, 20) });
const reporting = setInterval(report, 1_000);
process.once('message', () => (running = false));
await Promise.all(
  urls.flatMap((url) => Array.from({ length: LANES_PER_APP }, (_, first) => lane(url, first * 7))),
);
clearInterval(reporting);
report();
process.disconnect();
