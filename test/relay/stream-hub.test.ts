import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { Publication } from '../../lib/relay/publication.js';
import { StreamHub } from '../../lib/relay/stream-hub.js';
import { until } from '../support/networked.js';

const KEY = { id: 'key', environment: undefined };
/** More than the system buffers for a client that does not read. */
const BIG = Buffer.alloc(12_000_000, 'x');

/** A hub that gives every connection to a server the current event. */
class HubServer {
  private constructor(
    readonly hub: StreamHub,
    readonly port: number,
    private readonly feed: { current: Publication | undefined },
  ) {}

  static async start(
    patience: { stallMs: number; eventMs: number },
    onStall: () => void,
  ): Promise<HubServer> {
    const hub = new StreamHub(onStall, patience);
    const feed: { current: Publication | undefined } = { current: undefined };
    const server = createServer((_request, response: ServerResponse) => {
      response.writeHead(200);
      hub.add(KEY, feed, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(async () => {
      await hub.close();
      server.close();
      server.closeAllConnections();
    });
    return new HubServer(hub, (server.address() as AddressInfo).port, feed);
  }

  publish(event: Buffer): Promise<void> {
    this.feed.current = { event: [event] as readonly Buffer[] } as Publication;
    return this.hub.broadcast();
  }

  connect(): Socket {
    const socket = connect(this.port, '127.0.0.1').on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nHost: hub\r\n\r\n');
    onTestFinished(() => void socket.destroy());
    return socket;
  }
}

it('a client that reads no byte until the timeout is disconnected, and one that reads is not', async () => {
  const onStall = vi.fn();
  const server = await HubServer.start({ stallMs: 300, eventMs: 60_000 }, onStall);
  server.connect().pause();
  let bytes = 0;
  server.connect().on('data', (chunk) => (bytes += chunk.length));
  await until(() => expect(server.hub.size).toBe(2));
  await server.publish(BIG);
  await until(() => expect(bytes).toBeGreaterThan(BIG.length));
  await until(() => expect(server.hub.size).toBe(1));
  expect(onStall).toHaveBeenCalledTimes(1);
});

it('a slow client that keeps reading is not disconnected', async () => {
  const onStall = vi.fn();
  const server = await HubServer.start({ stallMs: 1_500, eventMs: 60_000 }, onStall);
  let bytes = 0;
  const slow = server.connect();
  slow.on('data', (chunk) => {
    bytes += chunk.length;
    slow.pause();
    setTimeout(() => slow.resume(), 20);
  });
  await until(() => expect(server.hub.size).toBe(1));
  await server.publish(BIG);
  await until(() => expect(bytes).toBeGreaterThan(BIG.length));
  expect(onStall).not.toHaveBeenCalled();
});

it('a client that takes too long to read one event is disconnected at the next heartbeat', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const onStall = vi.fn();
  const server = await HubServer.start({ stallMs: 60_000, eventMs: 0 }, onStall);
  server.connect().pause();
  await until(() => expect(server.hub.size).toBe(1));
  await server.publish(BIG);
  vi.advanceTimersByTime(25_000);
  await until(() => expect(server.hub.size).toBe(0));
  expect(onStall).toHaveBeenCalledTimes(1);
});

it('disconnecting a client while others are written to breaks nothing', async () => {
  const server = await HubServer.start({ stallMs: 60_000, eventMs: 60_000 }, () => undefined);
  let text = '';
  server.connect().on('data', (chunk) => (text += String(chunk)));
  const gone = Array.from({ length: 20 }, () => server.connect());
  await until(() => expect(server.hub.size).toBe(21));
  for (const socket of gone) socket.resetAndDestroy();
  await server.publish(Buffer.from('data: one\n\n'));
  await until(() => expect(server.hub.size).toBe(1));
  await server.publish(Buffer.from('data: two\n\n'));
  await until(() => expect(text).toContain('data: two'));
});

it('a client whose key was revoked and that does not read to the end is disconnected after 2 s', async () => {
  const onStall = vi.fn();
  const server = await HubServer.start({ stallMs: 60_000, eventMs: 60_000 }, onStall);
  server.connect().pause();
  await until(() => expect(server.hub.size).toBe(1));
  await server.publish(BIG);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  server.hub.endWhere(() => true);
  vi.advanceTimersByTime(1_999);
  expect(server.hub.size).toBe(1);
  vi.advanceTimersByTime(1);
  vi.useRealTimers();
  await until(() => expect(server.hub.size).toBe(0));
  expect(onStall).not.toHaveBeenCalled();
});
