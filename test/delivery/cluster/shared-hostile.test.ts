import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Channel } from '../../../lib/sources/cluster/channel.js';
import { frameOf, jsonFrame } from '../../../lib/sources/cluster/frames.js';
import { newHello } from '../../../lib/sources/cluster/handshake.js';
import { SocketPlace } from '../../../lib/sources/cluster/socket-place.js';
import { envelopeOf } from '../../support/delivery-server.js';
import { connectTo, serve, until } from '../../support/networked.js';
import { MeetingDirectory } from '../../support/shared-stream.js';
import { connected, greet, leaderHello, pathIn, pretend } from '../support/raw-peers.js';

const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });
const second = envelopeOf({ generation: 2, values: { greeting: 'bonjour' } });

const SHORT = { sseReadDeadlineMs: 600 };

/** A leader that soon notices that its socket is gone. */
async function quickLeader() {
  const server = await serve({ envelope: first });
  const directory = new MeetingDirectory();
  const heartbeats = setInterval(() => server.heartbeat(), 50);
  onTestFinished(() => clearInterval(heartbeats));
  const { service: leader } = await connectTo(server, directory.options(SHORT));
  return { server, directory, leader };
}

/** Reads until the connection ends. */
async function allFramesOf(peer: Channel): Promise<never> {
  for (;;) await peer.next();
}

describe('hostile peers of a leader', () => {
  it('malformed messages end the connection of the peer that sent them and nothing else', async () => {
    const server = await serve({ envelope: first });
    const directory = new MeetingDirectory();
    const { service: leader, log } = await connectTo(server, directory.options());
    const { service: follower } = await connectTo(server, directory.options());
    await until(() => expect(follower.connectionState()).toBe('connected'));
    const absurd = Buffer.from('ffffffff00', 'hex');
    const contents = [
      randomBytes(100_000),
      absurd,
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      jsonFrame('hello', { nonce: 'short', pid: 1, preferred: true }),
      jsonFrame('hello', { ...newHello(true), pid: {} }),
      frameOf('hello', [Buffer.from('[]')]),
      frameOf('hello', [Buffer.alloc(5_000, 'x')]),
      frameOf('envelope', [Buffer.from(JSON.stringify(second))]),
      Buffer.concat([jsonFrame('hello', newHello(true)), jsonFrame('proof', { proof: 'x' })]),
      Buffer.concat([jsonFrame('hello', newHello(true)), jsonFrame('proof', {})]),
    ];
    for (const content of contents) {
      const peer = await connected(directory.socket);
      peer.send(content);
      await expect(allFramesOf(peer)).rejects.toMatchObject({ kind: 'ended' });
    }
    // One that greets properly, and then sends an envelope.
    const known = await greet(directory.socket);
    expect((await known.next()).type).toBe('status');
    expect((await known.next()).type).toBe('envelope');
    known.send(frameOf('envelope', [Buffer.from(JSON.stringify(second))]));
    await expect(known.next()).rejects.toMatchObject({ kind: 'ended' });
    expect(leader.getString('greeting')).toBe('hello');
    server.publish(second);
    await until(() => expect(follower.getString('greeting')).toBe('bonjour'));
    expect(leader.health().cluster).toBe('leader');
    expect(log.problems).toEqual([]);
  });

  it('a process without the SDK key receives no configs', async () => {
    const server = await serve({ envelope: first });
    const directory = new MeetingDirectory();
    await connectTo(server, directory.options());
    const channel = await greet(directory.socket, 'qf_sk_another');
    await expect(channel.next()).rejects.toMatchObject({ kind: 'ended' });
  });

  it('a peer that connects and sends nothing is dropped', async () => {
    const server = await serve({ envelope: first });
    const directory = new MeetingDirectory();
    await connectTo(server, directory.options());
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { socket } = await connected(directory.socket);
    const ended = once(socket, 'close');
    socket.resume();
    await vi.waitFor(async () => {
      await vi.advanceTimersByTimeAsync(5_000);
      expect(socket.destroyed).toBe(true);
    });
    await ended;
  });
});

describe('hostile leaders', () => {
  it('a leader that does not know the SDK key is not followed', async () => {
    const server = await serve({ envelope: first });
    const directory = new MeetingDirectory();
    const path = await pathIn(directory, server.url);
    await pretend(path, (socket) => {
      const status = { state: 'connected', refreshedAt: 1, refusal: null, lastError: null };
      socket.write(jsonFrame('hello', { ...newHello(true), proof: 'f'.repeat(64) }));
      socket.write(jsonFrame('status', { ...status, heartbeatMs: 1 }));
      socket.write(frameOf('envelope', [Buffer.from(JSON.stringify(second))]));
    });
    const { service, log } = await connectTo(server, directory.options());
    expect(service.getString('greeting')).toBe('hello');
    expect(service.health().cluster).toBe('alone');
    await until(() => expect(service.connectionState()).toBe('connected'));
    expect(log.problems).toEqual([expect.stringContaining('does not know the SDK key')]);
    server.publish(second);
    await until(() => expect(service.getString('greeting')).toBe('bonjour'));
  });

  it('a follower leaves a leader that sends garbage or an envelope beyond the limit', async () => {
    const server = await serve({ envelope: first });
    const contents = [
      frameOf('envelope', [Buffer.from('not JSON')]),
      frameOf('envelope', [Buffer.from('{}')]),
      jsonFrame('status', { state: 'excellent' }),
      Buffer.from('ffffffff03', 'hex'),
      frameOf('reconnect'),
      randomBytes(1_000),
    ];
    for (const content of contents) {
      const directory = new MeetingDirectory();
      const path = await pathIn(directory, server.url);
      await pretend(path, (socket, bytes) => {
        socket.write(Buffer.concat([leaderHello(bytes), content]));
      });
      const { service, log } = await connectTo(server, directory.options());
      expect(service.getString('greeting')).toBe('hello');
      expect(service.health().cluster).toBe('alone');
      expect(log.lines('warn')).toEqual([
        expect.stringContaining('opens its own stream instead of sharing one'),
      ]);
    }
  });
});

describe('a follower that stops while it connects', () => {
  it('the socket of the leader stays, whenever the follower stops', async () => {
    const server = await serve({ envelope: first });
    const directory = new MeetingDirectory();
    await connectTo(server, directory.options());
    const [name] = directory.files;
    const { service: follower } = await connectTo(server, directory.options());
    for (let turns = 0; turns < 12; turns++) {
      follower.suspend();
      await new Promise(setImmediate);
      const resumed = follower.resume();
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      follower.suspend();
      await resumed;
      expect(directory.files).toEqual([name]);
    }
  });
});

describe('a socket location that others could control', () => {
  it('a socket directory that is a link or open to others is not used and causes one warning', async () => {
    const server = await serve({ envelope: first });
    const { path } = new MeetingDirectory();
    const open = join(path, 'open');
    mkdirSync(open);
    chmodSync(open, 0o755);
    const link = join(path, 'link');
    symlinkSync(path, link);
    for (const clusterDirectory of [open, link]) {
      const { service, log } = await connectTo(server, { cluster: 'shared', clusterDirectory });
      expect(service.getString('greeting')).toBe('hello');
      expect(service.health().cluster).toBe('alone');
      await until(() => expect(service.connectionState()).toBe('connected'));
      expect(log.problems).toEqual([expect.stringContaining(', or set clusterDirectory')]);
    }
  });

  it('a file or a link in place of the socket is neither followed nor removed', async () => {
    const server = await serve({ envelope: first });
    const directory = new MeetingDirectory();
    const path = await pathIn(directory, server.url);
    const target = join(directory.path, 'target');
    writeFileSync(target, 'content');
    for (const place of [() => writeFileSync(path, ''), () => symlinkSync(target, path)]) {
      rmSync(path, { force: true });
      place();
      const { service } = await connectTo(server, directory.options());
      expect(service.health().cluster).toBe('alone');
      expect(directory.files).toHaveLength(2);
    }
  });

  it('a leader whose socket is removed shares its stream again on a new one', async () => {
    const { server, directory, leader } = await quickLeader();
    rmSync(directory.socket);
    await until(() => expect(directory.files).toHaveLength(1));
    const { service: follower } = await connectTo(server, directory.options(SHORT));
    await until(() => expect(follower.health().cluster).toBe('via leader'));
    expect(leader.getString('greeting')).toBe('hello');
    server.publish(second);
    await until(() => expect(follower.getString('greeting')).toBe('bonjour'));
  });

  it('a follower that connects before its leader knows that it leads misses no update', async () => {
    const { server, directory, leader } = await quickLeader();
    let goOn = (): void => undefined;
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    const claim = Reflect.get<SocketPlace, 'claim'>(SocketPlace.prototype, 'claim');
    const slow = vi.spyOn(SocketPlace.prototype, 'claim').mockImplementation(async function (
      this: SocketPlace,
      listener,
    ) {
      const identity = await claim.call(this, listener);
      await gate;
      return identity;
    });
    onTestFinished(() => slow.mockRestore());
    const [name] = directory.files;
    rmSync(directory.socket);
    await until(() => expect(directory.files).toEqual([name]));
    // It waits longer for a leader that sends no heartbeats yet.
    const { service: follower } = await connectTo(server, directory.options());
    expect(follower.health().cluster).toBe('via leader');
    server.publish(second);
    await until(() => expect(leader.getString('greeting')).toBe('bonjour'));
    goOn();
    await until(() => expect(follower.getString('greeting')).toBe('bonjour'));
  });
});
