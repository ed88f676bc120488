import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import { SdkKey } from '../../../lib/requests/index.js';
import { Channel } from '../../../lib/sources/cluster/channel.js';
import { type Frame, jsonFrame, jsonIn } from '../../../lib/sources/cluster/frames.js';
import { helloIn, newHello, proofOf } from '../../../lib/sources/cluster/handshake.js';
import { SDK_KEY } from '../../support/delivery-server.js';
import { connectTo } from '../../support/networked.js';
import type { MeetingDirectory } from '../../support/shared-stream.js';

const ALL = { hello: 1e6, proof: 1e6, status: 1e6, envelope: 1e9, reconnect: 1e6 };

/** Connects to the socket of a leader. */
export async function connected(path: string): Promise<Channel> {
  const socket = createConnection(path);
  onTestFinished(() => void socket.destroy());
  const channel = new Channel(socket, ALL);
  await once(socket, 'connect');
  return channel;
}

/** Greets a leader with this key, as a follower does. Nothing is read afterwards unless the test asks for it. */
export async function greet(path: string, key = SDK_KEY): Promise<Channel> {
  const channel = await connected(path);
  const own = newHello(false);
  channel.sendJson('hello', own);
  const leader = helloIn(jsonIn(await channel.next()));
  channel.sendJson('proof', { proof: proofOf('follower', leader, own, new SdkKey(key)) });
  return channel;
}

/** Returns the next envelope that a leader sends, its index included. */
export async function nextEnvelope(channel: Channel): Promise<string> {
  for (;;) {
    const frame: Frame = await channel.next();
    if (frame.type === 'envelope') return Buffer.concat(frame.content).toString();
    expect(frame.type).toBe('status');
  }
}

/** Listens where the leader would, and answers what a follower sends first. */
export async function pretend(
  path: string,
  answer: (socket: Socket, hello: Buffer) => void,
): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (hello) => answer(socket, hello));
    onTestFinished(() => void socket.destroy());
  });
  server.listen(path);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return server;
}

/** The answer of a leader that knows the SDK key to the first frame of a follower. */
export function leaderHello(bytes: Buffer): Buffer {
  const follower = helloIn(JSON.parse(bytes.subarray(5).toString()) as never);
  const own = newHello(true);
  const proof = proofOf('leader', own, follower, new SdkKey(SDK_KEY));
  return jsonFrame('hello', { ...own, proof });
}

/** The path at which the processes of a directory meet. */
export async function pathIn(directory: MeetingDirectory, url: string): Promise<string> {
  const { service } = await connectTo({ url }, directory.options());
  const path = directory.socket;
  await service.close();
  return path;
}
