import { createServer } from 'node:http';
import { PUSHES } from './pushes.mjs';

/**
 * A delivery server on the loopback interface, a process of its own: `delivery-server.mjs <protocol> <size>`. It says
 * its port and how many bytes it writes to a stream, and then does what it is told:
 * - `{ push: n }` makes set `n` current, writes it to every stream, and says when (ns of the monotonic clock, the same in
 *   all processes of a machine) and to how many;
 * - `{ down: true }` breaks all streams off and refuses requests until `{ down: false }`.
 */

const [protocol, size] = process.argv.slice(2);
const { paths, headers = {}, first, next, body } = PUSHES[protocol](Number(size));

/** @type {Set<import('node:http').ServerResponse>} */
const streams = new Set();
let current = Buffer.from('');
let answer = Buffer.from('');
let down = false;

function prepare(/** @type {number} */ number) {
  current = Buffer.from(next(number));
  answer = Buffer.from(body?.(number) ?? '');
}

const server = createServer((request, response) => {
  const path = request.url.replace(/\?.*$/, '');
  if (down) response.writeHead(503).end();
  else if (path === paths.stream) {
    response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
    streams.add(response);
    response.on('close', () => streams.delete(response));
    response.write(first ? first() : current);
  } else if (path === paths.configs) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
  } else if (path === '/warm') response.end('warm');
  else response.writeHead(404).end();
});

process.on('message', (/** @type {any} */ message) => {
  if (message.down !== undefined) {
    down = message.down;
    if (down) for (const response of streams) response.destroy();
    return;
  }
  prepare(message.push);
  const open = [...streams];
  // Text is made, so that what is measured begins with the write.
  const at = process.hrtime.bigint();
  for (const response of open) response.write(current);
  process.send({ pushed: message.push, at: String(at), streams: open.length });
});
process.on('disconnect', () => process.exit(0));

prepare(1);
server.listen(0, '127.0.0.1', () =>
  process.send({ port: server.address().port, bytes: current.length }),
);
