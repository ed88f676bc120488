import { createServer } from 'node:http';
import { PUSHES } from './pushes.mjs';
import { usage } from './usage.mjs';

/**
 * The least that a server of streams can do: `bare-stream-server.mjs <size>`. It writes one buffer to every response. Told
 * `{ push: n }`, it writes set `n` and says when it began; `{ cpu: true }` asks for the processor time since.
 */

const { next } = PUSHES.quonfig(Number(process.argv[2]));
let event = Buffer.from(next(1));
let cpu = process.cpuUsage();
/** @type {Set<import('node:http').ServerResponse>} */
const streams = new Set();

const server = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.write(event);
  streams.add(response);
  response.on('close', () => streams.delete(response));
});

async function receive(/** @type {any} */ message) {
  if (message.usage) return process.send({ usage: await usage() });
  if (message.cpu) return process.send({ cpu: process.cpuUsage(cpu) });
  event = Buffer.from(next(message.push));
  cpu = process.cpuUsage();
  const at = Number(process.hrtime.bigint()) / 1e6;
  for (const response of streams) response.write(event);
  process.send({ at });
}
process.on('message', (message) => void receive(message));
process.on('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', 20_000, () =>
  process.send({ port: server.address().port, bytes: event.length }),
);
