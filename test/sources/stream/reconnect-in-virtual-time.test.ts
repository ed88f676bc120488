import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InvalidEnvelopeError } from '../../../lib/errors/index.js';
import { eventText } from './support/envelope.js';
import { FollowedStream, type FollowOptions } from './support/followed-stream.js';
import { ScriptedFetch } from './support/scripted-fetch.js';

const MINUTE = 60_000;

let followed: FollowedStream;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(async () => {
  await followed.service.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function follow(script: ScriptedFetch, options: Omit<FollowOptions, 'url'> = {}): FollowedStream {
  followed = new FollowedStream({ url: 'http://stream.test/sse', fetch: script.fetch, ...options });
  followed.service.start();
  return followed;
}

/** Lets the given time pass, and everything happen that is due in it. */
async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

describe('A stream that fails again and again', () => {
  it('is asked after 500 ms, then after twice the wait each time, up to 30 s', async () => {
    const script = new ScriptedFetch().thenFail();
    follow(script);
    await pass(2 * MINUTE);
    expect(script.waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('is asked at waits that are spread by at most 20 %', async () => {
    const script = new ScriptedFetch().thenFail();
    let asked = 0;
    follow(script, { random: () => ++asked % 2 });
    await pass(MINUTE);
    expect(script.waits.slice(0, 4)).toEqual([600, 800, 2_400, 3_200]);
  });

  it('is asked on when the source of chance throws', async () => {
    const script = new ScriptedFetch().thenFail();
    follow(script, {
      random: () => {
        throw new Error('no chance');
      },
    });
    await pass(2_000);
    expect(script.waits).toEqual([500, 1_000]);
  });

  it('is restarted within a second of the first failure, and nothing escapes', async () => {
    const script = new ScriptedFetch().thenFail().thenHang();
    follow(script, { random: () => 1 });
    await pass(1_000);
    expect(script.calls).toHaveLength(2);
  });

  it('counts exactly as many restarts as failures, by reason, before it is healthy', async () => {
    const script = new ScriptedFetch().thenFail(3).thenStream(eventText('v1'));
    follow(script);
    expect(followed.restarts).toEqual({ worker_throw: 0, worker_exit: 0, read_timeout: 0 });
    await pass(MINUTE);
    expect(followed.restarts).toEqual({ worker_throw: 3, worker_exit: 0, read_timeout: 0 });
    expect(followed.connectAttempts).toBe(4);
    expect(followed.states.at(-1)).toBe('connected');
  });

  it('makes one warning, and one line when it delivers again', async () => {
    const script = new ScriptedFetch()
      .thenStream(eventText('v1'), (answer) => setTimeout(() => answer.fail(new Error('cut')), 100))
      .thenFail(20)
      .thenStream(eventText('v2'));
    follow(script);
    await pass(500_000);
    expect(followed.versions).toEqual(['v1', 'v2']);
    expect(followed.log.messages('warn')).toHaveLength(1);
    expect(followed.log.messages('info')).toHaveLength(2);
    expect(followed.log.messages('debug').length).toBe(20);
  });

  it('makes another warning when it fails in another way', async () => {
    const script = new ScriptedFetch().thenFail(2).thenStatus(503).thenFail(2).thenStatus(502);
    follow(script);
    await pass(10 * MINUTE);
    const warnings = followed.log.messages('warn');
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain('ECONNREFUSED');
    expect(warnings[1]).toContain('503');
  });

  it('waits as long as Retry-After asks, in seconds or as a date, but at most 30 s', async () => {
    vi.setSystemTime(new Date('2026-01-02T03:04:05Z'));
    const script = new ScriptedFetch()
      .thenStatus(429, { 'retry-after': '7' })
      .thenStatus(503, { 'retry-after': 'Fri, 02 Jan 2026 03:04:32 GMT' })
      .thenStatus(503, { 'retry-after': '3600' })
      .thenStatus(503, { 'retry-after': '1' })
      .thenHang();
    follow(script);
    await pass(2 * MINUTE);
    expect(script.waits.slice(0, 4)).toEqual([7_000, 20_000, 30_000, 4_000]);
  });
});

describe('The wait starts over', () => {
  const endLater = (ms: number) => (answer: { end(): void }) =>
    void setTimeout(() => answer.end(), ms);

  it('after a connection that delivered an envelope and ended cleanly, without growing', async () => {
    const script = new ScriptedFetch()
      .thenFail(3)
      .thenStream(eventText('v1'), endLater(5_000))
      .thenStream(eventText('v2'), endLater(5_000))
      .thenFail();
    follow(script);
    await pass(MINUTE);
    expect(script.waits.slice(0, 7)).toEqual([500, 1_000, 2_000, 5_500, 5_500, 500, 1_000]);
    expect(followed.restarts).toMatchObject({ worker_exit: 2 });
  });

  it('after a connection that delivered an envelope and broke off, and grows from there', async () => {
    const script = new ScriptedFetch()
      .thenFail(3)
      .thenStream(
        eventText('v1'),
        (answer) => void setTimeout(() => answer.fail(new Error('cut')), 100),
      )
      .thenFail();
    follow(script);
    await pass(MINUTE);
    expect(script.waits.slice(3, 6)).toEqual([600, 1_000, 2_000]);
  });

  it('not after a connection that opened and sent comments only', async () => {
    const script = new ScriptedFetch().thenStream(': hello\n\n', (answer) => answer.end());
    follow(script);
    await pass(10_000);
    expect(script.waits).toEqual([500, 1_000, 2_000, 4_000]);
    expect(followed.restarts).toMatchObject({ worker_exit: 5 });
    expect(followed.log.messages('warn')).toHaveLength(1);
  });

  it('not after events that are no envelopes', async () => {
    const script = new ScriptedFetch().thenStream('data: {}\n\n', (answer) => answer.end());
    follow(script);
    await pass(10_000);
    expect(script.waits).toEqual([500, 1_000, 2_000, 4_000]);
  });
});

describe('The read deadline', () => {
  it('ends a connection 90 s after the request when no headers come', async () => {
    const script = new ScriptedFetch().thenHang();
    follow(script);
    await pass(89_999);
    expect(followed.states).toEqual(['connecting']);
    await pass(1);
    expect(followed.states).toEqual(['connecting', 'error']);
    await pass(3 * MINUTE);
    expect(script.waits).toEqual([90_500, 91_000]);
    expect(followed.restarts).toEqual({ worker_throw: 0, worker_exit: 0, read_timeout: 2 });
  });

  it('ends a request whose fetch does not heed the signal', async () => {
    const script = new ScriptedFetch().thenHang({ heedful: false }).thenStream(eventText('v1'));
    follow(script);
    await pass(91_000);
    expect(followed.versions).toEqual(['v1']);
  });

  it('lets a cold workspace take 30 s for its headers', async () => {
    const script = new ScriptedFetch().thenStream();
    follow(script);
    await pass(30_000);
    script.lastAnswer.send(eventText('v1'));
    await pass(1_000);
    expect(followed.states).toEqual(['connecting', 'connected']);
    expect(script.calls).toHaveLength(1);
  });

  it('starts anew with every chunk, comments and unfinished lines included', async () => {
    const script = new ScriptedFetch().thenStream(eventText('v1'));
    follow(script);
    for (const piece of [': hb\n\n', ':', ' hb\n', 'da', 'ta: ']) {
      await pass(89_000);
      script.lastAnswer.send(piece);
    }
    await pass(89_000);
    expect(script.calls).toHaveLength(1);
    await pass(1_500);
    expect(script.calls).toHaveLength(2);
  });

  it('is no failure on a connection that delivered: the wait does not grow', async () => {
    const script = new ScriptedFetch().thenStream(eventText('v1'));
    follow(script);
    await pass(5 * MINUTE);
    expect(script.waits).toEqual([90_500, 90_500, 90_500]);
    expect(followed.restarts).toMatchObject({ read_timeout: 3 });
  });

  it('is not spent by the taking in of an envelope, however long that takes', async () => {
    const script = new ScriptedFetch().thenStream(eventText('v1'));
    let taken = (): void => undefined;
    follow(script, {
      onEnvelope: () => new Promise<void>((resolve) => (taken = resolve)),
    });
    await pass(5 * MINUTE);
    expect(script.calls).toHaveLength(1);
    taken();
    await pass(89_000);
    expect(script.calls).toHaveLength(1);
    await pass(2_000);
    expect(script.calls).toHaveLength(2);
  });

  it('ends also a body that heeds neither its signal nor its end', async () => {
    const deaf = { read: () => new Promise<never>(() => undefined), cancel: async () => undefined };
    const headers = new Headers({ 'content-type': 'text/event-stream' });
    const answer = { status: 200, headers, body: { getReader: () => deaf } };
    followed = new FollowedStream({
      url: 'http://stream.test/sse',
      fetch: async () => answer as unknown as Response,
    });
    followed.service.start();
    await pass(91_000);
    expect(followed.restarts).toMatchObject({ read_timeout: 1 });
    await followed.service.close();
  });

  it('is what a limit of the HTTP client counts as', async () => {
    const cause = Object.assign(new Error('too long'), { code: 'UND_ERR_BODY_TIMEOUT' });
    const script = new ScriptedFetch().thenStream(eventText('v1'), (answer) =>
      setTimeout(() => answer.fail(new TypeError('terminated', { cause })), 1_000),
    );
    follow(script);
    await pass(1_100);
    expect(followed.restarts).toMatchObject({ read_timeout: 1 });
    expect(followed.lastError).toContain('HTTP client');
  });

  it('may be longer than a timer can count', async () => {
    const script = new ScriptedFetch().thenHang();
    follow(script, { sseReadDeadlineMs: 1e12 });
    await pass(MINUTE);
    expect(script.calls).toHaveLength(1);
  });
});

describe('Half an hour of nothing but heartbeats', () => {
  it('is one connection without a restart', async () => {
    const script = new ScriptedFetch().thenStream(eventText('v1'));
    follow(script);
    for (let minute = 0; minute < 60; minute++) {
      await pass(MINUTE / 2);
      script.lastAnswer.send(': heartbeat\n\n');
    }
    expect(followed.states).toEqual(['connecting', 'connected']);
    expect(followed.restarts).toEqual({ worker_throw: 0, worker_exit: 0, read_timeout: 0 });
    expect(followed.log.messages('warn')).toEqual([]);
  });
});

describe('A process that stood still for minutes', () => {
  it('takes its connection as dead when it wakes, and connects at once', async () => {
    const script = new ScriptedFetch().thenStream(eventText('v1'));
    follow(script);
    await pass(10_000);
    vi.setSystemTime(Date.now() + 5 * MINUTE);
    const { length } = script.calls;
    await pass(5_010);
    expect(script.calls).toHaveLength(length + 1);
    expect(script.answers[0]?.isOpen).toBe(false);
    expect(followed.restarts).toMatchObject({ read_timeout: 1 });
    expect(followed.log.messages('warn')[0]).toContain('stood still for 300 s');
    expect(followed.states).toEqual([
      'connecting',
      'connected',
      'error',
      'connecting',
      'connected',
    ]);
  });

  it('does not sit out a wait that it began before', async () => {
    const script = new ScriptedFetch().thenFail();
    follow(script);
    await pass(40_000);
    const { length } = script.calls;
    vi.setSystemTime(Date.now() + 5 * MINUTE);
    await pass(5_000);
    expect(script.calls.length).toBeGreaterThan(length);
  });

  it('is not suspected for a clock that is set a little, or back', async () => {
    const script = new ScriptedFetch().thenStream(eventText('v1'));
    follow(script);
    for (const step of [20_000, -3_600_000, 20_000]) {
      vi.setSystemTime(Date.now() + step);
      await pass(20_000);
    }
    expect(script.calls).toHaveLength(1);
  });

  it('asks nothing when the stream was refused before', async () => {
    const script = new ScriptedFetch().thenStatus(401);
    follow(script);
    await pass(10_000);
    vi.setSystemTime(Date.now() + 5 * MINUTE);
    await pass(10_000);
    expect(script.calls).toHaveLength(1);
  });
});

describe('A refused stream', () => {
  it('is not asked again, however long it lasts', async () => {
    const script = new ScriptedFetch().thenStatus(403);
    follow(script);
    await pass(24 * 60 * MINUTE);
    expect(script.calls).toHaveLength(1);
    expect(followed.service.terminal).toBe(true);
    expect(followed.edges).toEqual(['connecting', 'refused 403', 'error']);
    await followed.service.stop();
    followed.service.start();
    await pass(MINUTE);
    expect(script.calls).toHaveLength(1);
    expect(followed.service.terminal).toBe(true);
  });

  it('may be asked again inside the callback that tells of it', async () => {
    const script = new ScriptedFetch().thenStatus(403).thenStream(eventText('v1'));
    const stream: FollowedStream = follow(script, {
      onChange: ({ type }) => {
        if (type === 'refused') stream.service.reconnect();
      },
    });
    await pass(0);
    expect(stream.versions).toEqual(['v1']);
    expect(stream.states).toEqual(['connecting', 'connected']);
  });
});

describe('reconnect()', () => {
  it('cuts a wait short', async () => {
    const script = new ScriptedFetch().thenFail(8).thenStream(eventText('v1'));
    follow(script);
    await pass(61_000);
    expect(script.calls).toHaveLength(7);
    followed.service.reconnect();
    await pass(0);
    expect(script.calls).toHaveLength(8);
    await pass(500);
    expect(followed.versions).toEqual(['v1']);
  });

  it('gives up an attempt that hangs', async () => {
    const script = new ScriptedFetch().thenHang().thenStream(eventText('v1'));
    follow(script);
    await pass(10_000);
    followed.service.reconnect();
    await pass(0);
    expect(followed.versions).toEqual(['v1']);
    expect(followed.restarts).toEqual({ worker_throw: 0, worker_exit: 0, read_timeout: 0 });
  });

  it('leaves a connection alone', async () => {
    const script = new ScriptedFetch().thenStream(eventText('v1'));
    follow(script);
    await pass(0);
    followed.service.reconnect();
    followed.service.start();
    await pass(MINUTE);
    expect(script.calls).toHaveLength(1);
  });
});

describe('What was brought by a connection that is over', () => {
  it('does not count for the next one', async () => {
    const script = new ScriptedFetch().thenStream(eventText('v1')).thenStream(': heartbeat\n\n');
    let taken = (): void => undefined;
    const changes: string[] = [];
    follow(script, {
      onEnvelope: () => new Promise<void>((resolve) => (taken = resolve)),
      onChange: ({ type }) => changes.push(type),
    });
    await pass(100);
    void followed.service.stop();
    followed.service.start();
    await pass(100);
    taken();
    await pass(100);
    expect(followed.states.at(-1)).toBe('connected');
    expect(changes).toContain('connecting');
    expect(changes).not.toContain('delivered');
  });
});

describe('What is called by the stream', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('broken handler');
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken handler'))],
  ])(
    'and %s is logged with its stack; the next envelope comes, on the same connection',
    async (_, onEnvelope) => {
      const script = new ScriptedFetch().thenStream(eventText('v1') + eventText('v2'));
      follow(script, { onEnvelope });
      await pass(MINUTE);
      expect(followed.versions).toEqual(['v1', 'v2']);
      expect(script.calls).toHaveLength(1);
      expect(followed.log.messages('error')).toHaveLength(2);
      expect(followed.log.messages('error')[0]).toMatch(/broken handler[^]*at /);
    },
  );

  it('drops an event that turns out to be unusable, like one that is not JSON', async () => {
    const script = new ScriptedFetch().thenStream(eventText('v1') + eventText('v2'));
    follow(script, {
      onEnvelope: ({ meta }) => {
        if (meta.version === 'v1')
          throw new InvalidEnvelopeError('the stream', 'no config is readable');
      },
    });
    await pass(0);
    expect(followed.log.messages('warn')).toHaveLength(1);
    expect(followed.log.messages('warn')[0]).toContain('no config is readable');
    expect(followed.log.messages('error')).toEqual([]);
    expect(followed.versions).toEqual(['v1', 'v2']);
  });

  it('and throws at a state or a refusal is logged; the stream goes its way', async () => {
    const broken = (): never => {
      throw new Error('broken listener');
    };
    const script = new ScriptedFetch()
      .thenFail()
      .thenStream(eventText('v1'), (answer) => answer.end())
      .thenStatus(401);
    follow(script, {
      onChange: ({ type }) => {
        if (type === 'stream' || type === 'refused') broken();
      },
    });
    await pass(MINUTE);
    expect(followed.edges).toEqual([
      'connecting',
      'error',
      'connecting',
      'connected',
      'connecting',
      'refused 401',
      'error',
    ]);
    expect(
      followed.log.messages('error').filter((line) => line.includes('broken listener')),
    ).toHaveLength(7);
  });

  it('hears of no state twice in a row', async () => {
    const script = new ScriptedFetch().thenStream(`${eventText('v1')}: hb\n\n`, (answer) =>
      answer.end(),
    );
    follow(script);
    await pass(MINUTE);
    expect(followed.states.every((state, index) => state !== followed.states[index - 1])).toBe(
      true,
    );
  });
});

describe('Closing', () => {
  it('during a wait leaves no timer and makes no further attempt', async () => {
    const script = new ScriptedFetch().thenFail();
    follow(script);
    await pass(100);
    await followed.service.close();
    expect(vi.getTimerCount()).toBe(0);
    await pass(10 * MINUTE);
    expect(script.calls).toHaveLength(1);
    expect(followed.states).toEqual(['connecting', 'error', 'disconnected']);
  });

  it('is done although the fetch does not heed the signal, and drops its late answer', async () => {
    let answer: ((response: Response) => void) | undefined;
    let cancelled = false;
    const late: typeof fetch = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    followed = new FollowedStream({ url: 'http://stream.test/sse', fetch: late });
    followed.service.start();
    await pass(0);
    await followed.service.close();
    const body = new ReadableStream({
      cancel: () => {
        cancelled = true;
      },
    });
    answer?.(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
    await pass(0);
    expect(cancelled).toBe(true);
    expect(followed.states).toEqual(['connecting', 'disconnected']);
  });

  it('leaves no envelope to come that was on its way', async () => {
    const script = new ScriptedFetch().thenStream();
    follow(script);
    await pass(0);
    script.lastAnswer.send(eventText('v1'));
    await followed.service.close();
    await pass(MINUTE);
    expect(followed.versions).toEqual([]);
    expect(followed.states).toEqual(['connecting', 'disconnected']);
  });

  it('before the start is possible, and final', async () => {
    const script = new ScriptedFetch().thenStream(eventText('v1'));
    followed = new FollowedStream({ url: 'http://stream.test/sse', fetch: script.fetch });
    await followed.service.close();
    followed.service.start();
    await pass(MINUTE);
    expect(script.calls).toEqual([]);
  });
});
