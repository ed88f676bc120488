import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type DeliveryServer, envelopeOf } from '../../support/delivery-server.js';
import { connectTo, serve, until } from '../../support/networked.js';
import { MeetingDirectory } from '../../support/shared-stream.js';
import { greet, nextEnvelope } from '../support/raw-peers.js';

const MEGABYTES = 'x'.repeat(4_000_000);

/** Values that say which update they belong to, `padding` aside. */
function update(generation: number, padding = ''): ReturnType<typeof envelopeOf> {
  return envelopeOf({
    generation,
    values: { constant: 'constant value', changed: `value ${generation} ${padding}` },
  });
}

const generationIn = (envelope: string): number => Number(/"generation":(\d+)/.exec(envelope)![1]);

async function leaderOf(server: DeliveryServer, more = {}) {
  const directory = new MeetingDirectory();
  const { service } = await connectTo(server, directory.options(more));
  await until(() => expect(server.openStreams).toBe(1));
  return { leader: service, directory };
}

describe('what a leader sends', () => {
  it('each update goes to each follower once, as the bytes that were received, even while others join', async () => {
    const server = await serve({ envelope: update(1) });
    const { leader, directory } = await leaderOf(server);
    const [one, other] = [await greet(directory.socket), await greet(directory.socket)];
    for (const follower of [one, other]) {
      expect(generationIn(await nextEnvelope(follower))).toBe(1);
    }
    // Numbers that JSON.parse would change, and white space.
    const exact =
      '{"key":"exact","type":"config" , "valueType":"string", "note":12345678901234567890.10,"default":{"rules":[]}}';
    const meta = '{"version":"v2","environment":"production","generation":2}';
    server.writeToStreams(`data: {"configs":[${exact}],"meta":${meta}}\n\n`);
    for (const follower of [one, other]) {
      const envelope = await nextEnvelope(follower);
      expect(generationIn(envelope)).toBe(2);
      expect(envelope).toContain(exact);
    }
    const late = await greet(directory.socket);
    expect(generationIn(await nextEnvelope(late))).toBe(2);
    server.publish(update(3));
    for (const follower of [one, other, late]) {
      expect(generationIn(await nextEnvelope(follower))).toBe(3);
    }
    expect(leader.heldGeneration()).toBe(3);
  });

  it('unchanged configs are not parsed again, and changed ones are parsed once, however many followers there are', async () => {
    const server = await serve({ envelope: update(1) });
    const { leader, directory } = await leaderOf(server);
    const followers = [await greet(directory.socket), await greet(directory.socket)];
    for (const follower of followers) await nextEnvelope(follower);
    const parse = vi.spyOn(JSON, 'parse');
    const stringify = vi.spyOn(JSON, 'stringify');
    onTestFinished(() => void vi.restoreAllMocks());
    // As text: the server of the test would count otherwise.
    const text = JSON.stringify(update(2));
    stringify.mockClear();
    server.writeToStreams(`data: ${text}\n\n`);
    for (const follower of followers) expect(await nextEnvelope(follower)).toContain('value 2');
    const parsed = (part: string): number =>
      parse.mock.calls.filter(([json]) => json.includes(part)).length;
    expect(parsed('constant value')).toBe(0);
    expect(parsed('value 2')).toBe(1);
    const results = stringify.mock.results.map(({ value }) => String(value));
    expect(results.join()).not.toContain('value');
    // The control: a read needs the config.
    expect(leader.getString('constant')).toBe('constant value');
    expect(parsed('constant value')).toBe(1);
  });
});

describe('a follower that reads nothing', () => {
  it('only the newest update waits for a follower that reads nothing, and other followers receive every update', async () => {
    const server = await serve({ envelope: update(1) });
    const { directory } = await leaderOf(server);
    const slow = await greet(directory.socket);
    expect(generationIn(await nextEnvelope(slow))).toBe(1);
    const fast = await greet(directory.socket);
    await nextEnvelope(fast);
    for (let generation = 2; generation <= 8; generation++) {
      server.publish(update(generation, MEGABYTES));
      expect(generationIn(await nextEnvelope(fast))).toBe(generation);
    }
    const received: number[] = [];
    while (received.at(-1) !== 8) received.push(generationIn(await nextEnvelope(slow)));
    // The first of them was on its way already.
    expect(received).toEqual([2, 8]);
  });

  it('a follower that reads nothing is disconnected after the read deadline, so that nothing waits for it forever', async () => {
    const server = await serve({ envelope: update(1) });
    const toFake = ['setInterval', 'clearInterval', 'performance'] as const;
    vi.useFakeTimers({ toFake: [...toFake] });
    onTestFinished(() => void vi.useRealTimers());
    const { leader, directory } = await leaderOf(server, { sseReadDeadlineMs: 60_000 });
    const slow = await greet(directory.socket);
    await nextEnvelope(slow);
    server.publish(update(2, MEGABYTES));
    await until(() => expect(leader.heldGeneration()).toBe(2));
    // Another follower has it, so it was sent to the slow one before.
    const fast = await greet(directory.socket);
    expect(generationIn(await nextEnvelope(fast))).toBe(2);
    vi.advanceTimersByTime(70_000);
    await expect(nextEnvelope(slow)).rejects.toMatchObject({ kind: 'ended' });
    server.publish(update(3));
    expect(generationIn(await nextEnvelope(fast))).toBe(3);
  });
});
