import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Channel } from '../../../lib/sources/cluster/channel.js';
import { frameOf, jsonFrame } from '../../../lib/sources/cluster/frames.js';
import { LinkError } from '../../../lib/sources/cluster/link-error.js';
import { until } from '../../support/networked.js';

const LIMITS = { hello: 1_000, status: 1_000 };
const status = (number: number): Buffer => jsonFrame('status', { number });
const INVALID = Buffer.from('ffffffffff', 'hex');

/** A channel, and the socket of its peer. */
async function linked(): Promise<{ channel: Channel; peer: Socket }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const peer = connect({ port: (server.address() as AddressInfo).port, allowHalfOpen: true });
  peer.on('error', () => undefined);
  const [socket] = (await once(server, 'connection')) as [Socket];
  onTestFinished(() => {
    peer.destroy();
    socket.destroy();
    server.close();
  });
  return { channel: new Channel(socket, LIMITS), peer };
}

/** What `next` gives until it rejects. */
async function everything(channel: Channel): Promise<unknown[]> {
  const results: unknown[] = [];
  for (;;) {
    try {
      const { content } = await channel.next();
      results.push(JSON.parse(Buffer.concat(content).toString()));
    } catch (error) {
      return [...results, (error as LinkError).kind];
    }
  }
}

describe('a channel', () => {
  it('frames arrive whole, however their bytes are split', async () => {
    const { channel, peer } = await linked();
    peer.setNoDelay();
    const received = everything(channel);
    for (const byte of Buffer.concat([status(1), status(2)])) {
      peer.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    peer.end();
    expect(await received).toEqual([{ number: 1 }, { number: 2 }, 'ended']);
  });

  it('what arrived before the end is still received, and then every call rejects', async () => {
    const { channel, peer } = await linked();
    peer.end(Buffer.concat([status(1), status(2), status(3)]));
    expect(await everything(channel)).toEqual([
      { number: 1 },
      { number: 2 },
      { number: 3 },
      'ended',
    ]);
    await expect(channel.next()).rejects.toMatchObject({ kind: 'ended' });
  });

  it('frames before an invalid one in the same chunk count', async () => {
    const { channel, peer } = await linked();
    peer.write(Buffer.concat([status(1), INVALID, status(2)]));
    expect(await everything(channel)).toEqual([{ number: 1 }, 'invalid']);
    await expect(channel.next()).rejects.toMatchObject({ kind: 'invalid' });
    expect(channel.socket.destroyed).toBe(true);
  });

  it('after end(), nothing that arrived is received any more', async () => {
    const { channel, peer } = await linked();
    peer.write(Buffer.concat([status(1), status(2)]));
    await channel.next();
    channel.end(new LinkError('silent', 'too late'));
    await expect(channel.next()).rejects.toMatchObject({ kind: 'silent' });
  });

  it('end() ends a pending call', async () => {
    const { channel } = await linked();
    const pending = channel.next();
    channel.end(new LinkError('silent', 'too late'));
    await expect(pending).rejects.toMatchObject({ kind: 'silent', message: 'too late' });
  });

  it('a peer that ends its side and reads nothing does not keep the channel open', async () => {
    const { channel, peer } = await linked();
    peer.pause();
    for (let sent = 0; sent < 200; sent++) channel.send(frameOf('hello', [Buffer.alloc(100_000)]));
    await until(() => expect(channel.socket.writableLength).toBeGreaterThan(1_000_000));
    peer.end();
    await expect(channel.next()).rejects.toMatchObject({ kind: 'ended' });
  });

  it('a receiver that does not read slows the sender down', async () => {
    const { channel, peer } = await linked();
    const piece = Buffer.concat(Array.from({ length: 1_000 }, () => status(1)));
    for (let sent = 0; sent < 1_000; sent++) peer.write(piece);
    await until(() => expect(channel.socket.readableLength).toBeGreaterThan(0));
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
    expect(channel.socket.readableLength).toBeLessThan(300_000);
    expect(peer.writableLength).toBeGreaterThan(0);
  });
});
