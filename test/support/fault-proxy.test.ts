import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FaultProxy } from './fault-proxy.js';

const LIMIT = { timeout: 10_000, interval: 5 };

/** Echoes everything it receives. */
let server: Server;
let proxy: FaultProxy;
let serverSockets: Set<Socket>;
let clients: Client[];

/** A client and what it received. */
interface Client {
  readonly socket: Socket;
  received: string;
  ended: boolean;
  closed: boolean;
  error: string | undefined;
}

beforeEach(async () => {
  clients = [];
  serverSockets = new Set();
  server = createServer((socket) => {
    serverSockets.add(socket);
    socket.on('close', () => serverSockets.delete(socket));
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await FaultProxy.before((server.address() as AddressInfo).port);
});

afterEach(async () => {
  for (const { socket } of clients) socket.destroy();
  await proxy.close();
  for (const socket of serverSockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

it('the fault proxy forwards bytes and the end of the connection', async () => {
  const client = open();
  client.socket.end('hello');
  await until(() => client.ended && client.received === 'hello');
  await until(() => serverSockets.size === 0 && proxy.connections === 0);
  expect(proxy.accepted).toBe(1);
});

it('the fault proxy forwards large amounts in both directions at once', async () => {
  const client = open();
  client.socket.end('0123456789'.repeat(300_000));
  await until(() => client.ended);
  expect(client.received.length).toBe(3_000_000);
});

it('the fault proxy refuses new connections, ends open ones, and accepts connections again after a restore', async () => {
  const before = await established();
  await proxy.refuse();
  await until(() => before.closed);
  const refused = open();
  await until(() => refused.closed);
  expect(refused.error).toBe('ECONNREFUSED');
  await proxy.restore();
  await established();
});

it('the fault proxy hangs new connections and does not affect open ones', async () => {
  const before = await established();
  proxy.hang();
  const hanging = open();
  hanging.socket.write('anybody there?');
  before.socket.write('!');
  await until(() => before.received === 'hello!' && proxy.accepted === 2);
  expect(hanging).toMatchObject({ received: '', closed: false });
  await proxy.restore();
  await until(() => hanging.received === 'anybody there?');
});

it('the fault proxy delays each direction separately and keeps the order', async () => {
  proxy.delay(60, 'down');
  const client = open();
  const sent = performance.now();
  for (const word of ['one ', 'two ', 'three']) client.socket.write(word);
  await until(() => client.received === 'one two three');
  // A timer never fires early: at least the delay has passed, however busy the machine is.
  expect(performance.now() - sent).toBeGreaterThan(55);
});

it('the fault proxy limits the throughput of a connection', async () => {
  proxy.throttle(2_000, 'down');
  const client = open();
  const sent = performance.now();
  client.socket.write('x'.repeat(500));
  await until(() => client.received.length === 500);
  // Five portions with four waits of 50 ms between them.
  expect(performance.now() - sent).toBeGreaterThan(190);
});

it('the fault proxy cuts each new connection after a number of bytes', async () => {
  proxy.cutAfter(3, 'down');
  for (const client of [open(), open()]) {
    client.socket.write('hello');
    await until(() => client.closed);
    expect(client).toMatchObject({ received: 'hel', error: undefined });
  }
  proxy.cutAfter(0, 'up');
  const silenced = open();
  silenced.socket.write('hello');
  await until(() => silenced.closed);
  expect(silenced.received).toBe('');
});

it('the fault proxy resets a connection after a number of bytes', async () => {
  proxy.cutAfter(3, 'up', 'reset');
  const client = open();
  client.socket.write('hello');
  await until(() => client.closed);
  expect(client.error).toBe('ECONNRESET');
});

it('the fault proxy resets open connections and accepts new ones', async () => {
  const client = await established();
  proxy.reset();
  await until(() => client.closed);
  expect(client.error).toBe('ECONNRESET');
  await established();
});

it('the fault proxy leaves connections half open, so neither side notices that the other is gone', async () => {
  const client = await established();
  proxy.halfOpen();
  client.socket.write('lost?');
  const other = await established();
  client.socket.destroy();
  other.socket.end();
  await until(() => other.closed && serverSockets.size === 1);
  await proxy.restore();
  await until(() => serverSockets.size === 0 && proxy.connections === 0);
});

it('the fault proxy holds all bytes back in a black hole and delivers them once restored', async () => {
  const client = await established();
  proxy.blackHole();
  client.socket.write(' there');
  const other = open();
  other.socket.write('hello');
  await until(() => proxy.accepted === 2);
  expect([client.received, other.received]).toEqual(['hello', '']);
  await proxy.restore();
  await until(() => client.received === 'hello there' && other.received === 'hello');
});

it('the fault proxy closes every connection on close, whatever the fault', async () => {
  const faults = [
    () => proxy.hang(),
    () => proxy.blackHole(),
    () => proxy.halfOpen(),
    () => proxy.delay(60_000, 'both'),
    () => proxy.throttle(1, 'both'),
  ];
  for (const fault of faults) {
    await established();
    fault();
    open().socket.write('hello');
    await until(() => proxy.accepted % 2 === 0);
    await proxy.refuse();
    await until(() => clients.every(({ closed }) => closed) && serverSockets.size === 0);
    await proxy.restore();
  }
  await proxy.close();
  await proxy.close();
  await expect(proxy.restore()).rejects.toThrow('closed');
});

function open(): Client {
  const socket = connect(proxy.port, '127.0.0.1');
  const client: Client = { socket, received: '', ended: false, closed: false, error: undefined };
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => (client.received += text));
  socket.on('end', () => (client.ended = true));
  socket.on('close', () => (client.closed = true));
  socket.on('error', ({ code }: NodeJS.ErrnoException) => (client.error = code));
  clients.push(client);
  return client;
}

async function established(): Promise<Client> {
  const client = open();
  client.socket.write('hello');
  await until(() => client.received === 'hello');
  return client;
}

async function until(condition: () => boolean): Promise<void> {
  await vi.waitFor(() => expect(condition()).toBe(true), LIMIT);
}
