import { setTimeout as realDelay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { frameOf, jsonFrame } from '../../../lib/sources/cluster/frames.js';
import { encodeEnvelope } from '../../../lib/sources/cluster/shared-envelope.js';
import { envelopeOf } from '../../support/delivery-server.js';
import { connectTo, serve } from '../../support/networked.js';
import { MeetingDirectory } from '../../support/shared-stream.js';
import { leaderHello, pathIn, pretend } from '../support/raw-peers.js';

const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });
const second = envelopeOf({ generation: 2, values: { greeting: 'bonjour' } });

/** Whether services that are created now believe that they are in a worker of a cluster. */
const worker = vi.hoisted(() => ({ is: false }));

vi.mock('../../../lib/delivery/cluster/cluster-role.js', async (original) => {
  const role = await original<typeof import('../../../lib/delivery/cluster/cluster-role.js')>();
  return { ...role, isPreferred: () => !worker.is };
});

const READ_DEADLINE_MS = 90_000;

function stopTime(): void {
  const toFake = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'];
  vi.useFakeTimers({ toFake: toFake as never });
  onTestFinished(() => void vi.useRealTimers());
}

/** Lets time pass second by second, and gives sockets and files a moment after each. Returns the seconds that passed. */
async function secondsUntil(condition: () => boolean, limit: number): Promise<number> {
  for (let seconds = 0; seconds < limit; seconds++) {
    if (condition()) return seconds;
    vi.advanceTimersByTime(1_000);
    await realDelay(30);
  }
  return limit;
}

/** Waits without letting time pass. */
async function eventually(check: () => void): Promise<void> {
  for (let turn = 0; turn < 1_500; turn++) {
    try {
      check();
      return;
    } catch {
      await realDelay(10);
    }
  }
  check();
}

describe('a leader that hangs', () => {
  it('a leader that hangs delays no update beyond the read deadline, even if its socket accepts connections', async () => {
    const server = await serve({ envelope: first });
    const directory = new MeetingDirectory();
    const path = await pathIn(directory, server.url);
    let connections = 0;
    const { configs, meta } = first;
    const envelope = frameOf('envelope', [await encodeEnvelope(configs, meta)]);
    await pretend(path, (socket, hello) => {
      if (connections++ > 0) return;
      const status = { state: 'connected', refreshedAt: 1, refusal: null, lastError: null };
      const statusFrame = jsonFrame('status', { ...status, heartbeatMs: 10_000 });
      socket.write(Buffer.concat([leaderHello(hello), statusFrame, envelope]));
    });
    stopTime();
    const { service } = await connectTo(server, directory.options());
    expect(service.health()).toMatchObject({ cluster: 'via leader', source: 'cluster' });

    server.publish(second);
    const health = () => service.health();
    const whileFollowing = await secondsUntil(() => health().cluster !== 'via leader', 200);
    // Not after a few missed heartbeats: a busy machine must not cause elections.
    expect(whileFollowing).toBeGreaterThan(30);
    expect(service.getString('greeting')).toBe('hello');
    const afterwards = await secondsUntil(() => health().cluster === 'leader', 200);
    expect(connections).toBeGreaterThan(1);
    expect(whileFollowing + afterwards).toBeLessThanOrEqual(READ_DEADLINE_MS / 1_000);
    // The stream delivers the current envelope first, without a wait.
    await eventually(() => expect(service.getString('greeting')).toBe('bonjour'));
  });
});

describe('workers whose leader is gone', () => {
  it('each worker waits its own random delay before it looks for another leader or leads itself', async () => {
    const server = await serve({ envelope: first });
    const directory = new MeetingDirectory();
    const { service: leader } = await connectTo(server, directory.options());
    worker.is = true;
    onTestFinished(() => void (worker.is = false));
    const [soon, late] = await Promise.all(
      [0, 1].map((position) => connectTo(server, directory.options({ random: () => position }))),
    );
    const roles = () => [soon, late].map((member) => member!.service.health().cluster);
    expect(roles()).toEqual(['via leader', 'via leader']);
    stopTime();
    await leader.close();
    await eventually(() => expect(roles()).toEqual(['none', 'none']));
    // 500 ms, less or more 20 %.
    vi.advanceTimersByTime(399);
    await realDelay(50);
    expect(roles()).toEqual(['none', 'none']);
    vi.advanceTimersByTime(1);
    await eventually(() => expect(roles()).toEqual(['leader', 'none']));
    vi.advanceTimersByTime(199);
    await realDelay(50);
    expect(roles()).toEqual(['leader', 'none']);
    vi.advanceTimersByTime(1);
    await eventually(() => expect(roles()).toEqual(['leader', 'via leader']));
  });
});
