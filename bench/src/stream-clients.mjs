import { once } from 'node:events';
import { connect } from 'node:net';

/**
 * Many clients of one event stream, in a process of their own: `stream-clients.mjs <port>`. Told
 * `{ connect: n, bytes }`, it opens so many more and says when each has its first event of so many bytes. Told
 * `{ await: bytes }`, it gives the moments (ms of the monotonic clock) at which each had so many more bytes.
 */

const PORT = Number(process.argv[2]);
const KEY = 'qf_sk_bench_0123456789';
const REQUEST = [
  'GET /api/v2/sse/config HTTP/1.1',
  `Host: 127.0.0.1:${PORT}`,
  `Authorization: Basic ${Buffer.from(`1:${KEY}`).toString('base64')}`,
  'Accept: text/event-stream',
  'Cache-Control: no-cache',
  '\r\n',
].join('\r\n');
const BATCH = 50;

/** All sockets read into one buffer, because nobody keeps what they read: the client must not be the bottleneck. */
const buffer = Buffer.allocUnsafe(1 << 20);
/** @type {import('node:net').Socket[]} */
const sockets = [];
/** Bytes that a client still waits for. @type {number[]} */
const missing = [];
/** @type {number[]} */
let moments = [];
let waiting = 0;
let complete = () => {};

const now = () => Number(process.hrtime.bigint()) / 1e6;

async function open(/** @type {number} */ index, /** @type {number} */ bytes) {
  missing[index] = bytes;
  waiting++;
  const callback = (/** @type {number} */ count) => {
    if (missing[index] <= 0) return true;
    missing[index] -= count;
    if (missing[index] > 0) return true;
    moments.push(now());
    if (--waiting === 0) complete();
    return true;
  };
  const socket = connect({ port: PORT, host: '127.0.0.1', onread: { buffer, callback } });
  sockets[index] = socket;
  await once(socket, 'connect');
  socket.on('close', () => fail(`The server ended connection ${index}.`));
  socket.write(REQUEST);
}

function fail(/** @type {string} */ message) {
  console.error(message);
  process.exit(1);
}

/** Resolves once every client has what it waits for. */
const all = () =>
  new Promise((resolve) => {
    complete = () => resolve(undefined);
    if (waiting === 0) complete();
  });

async function connectMore(/** @type {number} */ count, /** @type {number} */ bytes) {
  for (let opened = 0; opened < count; opened += BATCH) {
    const batch = Math.min(BATCH, count - opened);
    await Promise.all(Array.from({ length: batch }, () => open(sockets.length, bytes)));
    await all();
  }
  process.send({ connected: sockets.length });
}

async function awaitBytes(/** @type {number} */ bytes) {
  moments = [];
  missing.fill(bytes);
  waiting = sockets.length;
  const arrived = all();
  process.send({ ready: true });
  await arrived;
  process.send({ moments });
}

process.on('message', (/** @type {any} */ message) => {
  if (message.connect !== undefined) void connectMore(message.connect, message.bytes);
  else void awaitBytes(message.await);
});
process.on('disconnect', () => process.exit(0));
process.send({ started: true });
