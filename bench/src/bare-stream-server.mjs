import { createServer, get } from 'node:http';
import { startServer } from './server-process.mjs';
import { usage } from './usage.mjs';

/**
 * The least that a server of streams can do: `bare-stream-server.mjs <size>`. It follows a delivery server, as the relay does, so
 * that both share the machine with the same processes, but only looks for the end of each event, and writes the bytes to every
 * response. Told `{ push: n }`, it lets the delivery server push set `n` and says when it began to write; `{ cpu: true }` asks
 * for the processor time since.
 */

const size = Number(process.argv[2]);
const END = Buffer.from('\n\n');

let event = Buffer.from('');
let began = (/** @type {number} */ _at) => {};
let cpu = process.cpuUsage();
/** @type {Set<import('node:http').ServerResponse>} */
const streams = new Set();

function write() {
  cpu = process.cpuUsage();
  const at = Number(process.hrtime.bigint()) / 1e6;
  for (const response of streams) response.write(event);
  began(at);
}

const upstream = await startServer('quonfig', size);
const first = new Promise((resolve) => (began = resolve));
get(`${upstream.url}/api/v2/sse/config`, (response) => {
  /** @type {Buffer[]} */
  let chunks = [];
  response.on('data', (/** @type {Buffer} */ chunk) => {
    chunks.push(chunk);
    if (!chunk.subarray(-END.length).equals(END)) return;
    event = Buffer.concat(chunks);
    chunks = [];
    write();
  });
});
await first;

const server = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.write(event);
  streams.add(response);
  response.on('close', () => streams.delete(response));
});

async function receive(/** @type {any} */ message) {
  if (message.usage) return process.send({ usage: await usage() });
  if (message.cpu) return process.send({ cpu: process.cpuUsage(cpu) });
  const written = new Promise((resolve) => (began = resolve));
  await upstream.push(message.push);
  process.send({ at: await written });
}
process.on('message', (message) => void receive(message));
process.on('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', 20_000, () =>
  process.send({ port: server.address().port, bytes: upstream.bytes }),
);
