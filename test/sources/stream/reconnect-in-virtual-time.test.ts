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

/** Advances the clock and runs everything that is due. */
async function advance(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

describe('a stream that keeps failing', () => {
  it('the stream is retried after 500 ms, and the delay doubles up to 30 s', async () => {
    const script = new ScriptedFetch().thenFail();
    follow(script);
    await advance(2 * MINUTE);
    expect(script.delays).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('the stream is retried with a jitter of at most 20%', async () => {
    const script = new ScriptedFetch().thenFail();
    let calls = 0;
    follow(script, { random: () => ++calls % 2 });
    await advance(MINUTE);
    expect(script.delays.slice(0, 4)).toEqual([600, 800, 2_400, 3_200]);
  });

  it('the stream is retried without jitter when the random option throws', async () => {
    const script = new ScriptedFetch().thenFail();
    follow(script, {
      random: () => {
        throw new Error('no chance');
      },
    });
    await advance(2_000);
    expect(script.delays).toEqual([500, 1_000]);
  });

  it('the stream is restarted within a second of the first failure', async () => {
    const script = new ScriptedFetch().thenFail().thenHang();
    follow(script, { random: () => 1 });
    await advance(1_000);
    expect(script.calls).toHaveLength(2);
  });

  it('every failure is counted as one restart under its reason', async () => {
    const script = new ScriptedFetch().thenFail(3).thenStream(eventText('v1'));
    follow(script);
    expect(followed.restarts).toEqual({ worker_throw: 0, worker_exit: 0, read_timeout: 0 });
    await advance(MINUTE);
    expect(followed.restarts).toEqual({ worker_throw: 3, worker_exit: 0, read_timeout: 0 });
    expect(followed.connectAttempts).toBe(4);
    expect(followed.states.at(-1)).toBe('connected');
  });

  it('repeated failures log one warning, and the recovery one line', async () => {
    const script = new ScriptedFetch()
      .thenStream(eventText('v1'), (answer) => setTimeout(() => answer.fail(new Error('cut')), 100))
      .thenFail(20)
      .thenStream(eventText('v2'));
    follow(script);
    await advance(500_000);
    expect(followed.versions).toEqual(['v1', 'v2']);
    expect(followed.log.messages('warn')).toHaveLength(1);
    expect(followed.log.messages('info')).toHaveLength(2);
    expect(followed.log.messages('debug').length).toBe(20);
  });

  it('a different failure logs another warning', async () => {
    const script = new ScriptedFetch().thenFail(2).thenStatus(503).thenFail(2).thenStatus(502);
    follow(script);
    await advance(10 * MINUTE);
    const warnings = followed.log.messages('warn');
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain('ECONNREFUSED');
    expect(warnings[1]).toContain('503');
  });

  it('the retry honors Retry-After in seconds or as a date, up to 30 s', async () => {
    vi.setSystemTime(new Date('2026-01-02T03:04:05Z'));
    const script = new ScriptedFetch()
      .thenStatus(429, { 'retry-after': '7' })
      .thenStatus(503, { 'retry-after': 'Fri, 02 Jan 2026 03:04:32 GMT' })
      .thenStatus(503, { 'retry-after': '3600' })
      .thenStatus(503, { 'retry-after': '1' })
      .thenHang();
    follow(script);
    await advance(2 * MINUTE);
    expect(script.delays.slice(0, 4)).toEqual([7_000, 20_000, 30_000, 4_000]);
  });
});

describe('a wait that the stream requests', () => {
  it('the reconnect after a clean end honors a retry field, up to 30 s, and ignores one that is not a number', async () => {
    const streamThatAsks = (retry: string): string => `${eventText('v1')}retry: ${retry}\n\n`;
    const end = (answer: { end(): void }): void => answer.end();
    const script = new ScriptedFetch()
      .thenStream(streamThatAsks('4000'), end)
      .thenStream(streamThatAsks('3600000'), end)
      .thenStream(streamThatAsks('soon'), end)
      .thenStream(streamThatAsks('1'), end)
      .thenHang();
    follow(script);
    await advance(2 * MINUTE);
    expect(script.delays.slice(0, 4)).toEqual([4_000, 30_000, 500, 500]);
  });
});

describe('the reset of the backoff', () => {
  const endLater = (ms: number) => (answer: { end(): void }) =>
    void setTimeout(() => answer.end(), ms);

  it('the backoff is reset after a connection that delivered and ended cleanly', async () => {
    const script = new ScriptedFetch()
      .thenFail(3)
      .thenStream(eventText('v1'), endLater(5_000))
      .thenStream(eventText('v2'), endLater(5_000))
      .thenFail();
    follow(script);
    await advance(MINUTE);
    expect(script.delays.slice(0, 7)).toEqual([500, 1_000, 2_000, 5_500, 5_500, 500, 1_000]);
    expect(followed.restarts).toMatchObject({ worker_exit: 2 });
  });

  it('the backoff restarts after a connection that delivered and failed', async () => {
    const script = new ScriptedFetch()
      .thenFail(3)
      .thenStream(
        eventText('v1'),
        (answer) => void setTimeout(() => answer.fail(new Error('cut')), 100),
      )
      .thenFail();
    follow(script);
    await advance(MINUTE);
    expect(script.delays.slice(3, 6)).toEqual([600, 1_000, 2_000]);
  });

  it('the backoff is not reset by a connection that sent only comments', async () => {
    const script = new ScriptedFetch().thenStream(': hello\n\n', (answer) => answer.end());
    follow(script);
    await advance(10_000);
    expect(script.delays).toEqual([500, 1_000, 2_000, 4_000]);
    expect(followed.restarts).toMatchObject({ worker_exit: 5 });
    expect(followed.log.messages('warn')).toHaveLength(1);
  });

  it('the backoff is not reset by invalid envelopes', async () => {
    const script = new ScriptedFetch().thenStream('data: {}\n\n', (answer) => answer.end());
    follow(script);
    await advance(10_000);
    expect(script.delays).toEqual([500, 1_000, 2_000, 4_000]);
  });
});

describe('the read deadline', () => {
  it('the read deadline aborts a request without headers after 90 s', async () => {
    const script = new ScriptedFetch().thenHang();
    follow(script);
    await advance(89_999);
    expect(followed.states).toEqual(['connecting']);
    await advance(1);
    expect(followed.states).toEqual(['connecting', 'error']);
    await advance(3 * MINUTE);
    expect(script.delays).toEqual([90_500, 91_000]);
    expect(followed.restarts).toEqual({ worker_throw: 0, worker_exit: 0, read_timeout: 2 });
  });

  it('the read deadline replaces a request whose fetch ignores the signal', async () => {
    const script = new ScriptedFetch().thenHang({ abortable: false }).thenStream(eventText('v1'));
    follow(script);
    await advance(91_000);
    expect(followed.versions).toEqual(['v1']);
  });

  it('the read deadline allows a first event after 30 s', async () => {
    const script = new ScriptedFetch().thenStream();
    follow(script);
    await advance(30_000);
    script.lastAnswer.send(eventText('v1'));
    await advance(1_000);
    expect(followed.states).toEqual(['connecting', 'connected']);
    expect(script.calls).toHaveLength(1);
  });

  it('the read deadline restarts with every chunk, including comments and partial lines', async () => {
    const script = new ScriptedFetch().thenStream(eventText('v1'));
    follow(script);
    for (const piece of [': hb\n\n', ':', ' hb\n', 'da', 'ta: ']) {
      await advance(89_000);
      script.lastAnswer.send(piece);
    }
    await advance(89_000);
    expect(script.calls).toHaveLength(1);
    await advance(1_500);
    expect(script.calls).toHaveLength(2);
  });

  it('the backoff does not grow when a connection that delivered reaches the read deadline', async () => {
    const script = new ScriptedFetch().thenStream(eventText('v1'));
    follow(script);
    await advance(5 * MINUTE);
    expect(script.delays).toEqual([90_500, 90_500, 90_500]);
    expect(followed.restarts).toMatchObject({ read_timeout: 3 });
  });

  it('the read deadline excludes the time an envelope takes to install', async () => {
    const script = new ScriptedFetch().thenStream(eventText('v1'));
    let finish = (): void => undefined;
    follow(script, {
      onEnvelope: () => new Promise<void>((resolve) => (finish = resolve)),
    });
    await advance(5 * MINUTE);
    expect(script.calls).toHaveLength(1);
    finish();
    await advance(89_000);
    expect(script.calls).toHaveLength(1);
    await advance(2_000);
    expect(script.calls).toHaveLength(2);
  });

  it('the read deadline replaces a body that ignores abort and cancel', async () => {
    const deaf = { read: () => new Promise<never>(() => undefined), cancel: async () => undefined };
    const headers = new Headers({ 'content-type': 'text/event-stream' });
    const answer = { status: 200, headers, body: { getReader: () => deaf } };
    followed = new FollowedStream({
      url: 'http://stream.test/sse',
      fetch: async () => answer as unknown as Response,
    });
    followed.service.start();
    await advance(91_000);
    expect(followed.restarts).toMatchObject({ read_timeout: 1 });
    await followed.service.close();
  });

  it('a timeout of the HTTP client is counted as a read timeout', async () => {
    const cause = Object.assign(new Error('too long'), { code: 'UND_ERR_BODY_TIMEOUT' });
    const script = new ScriptedFetch().thenStream(eventText('v1'), (answer) =>
      setTimeout(() => answer.fail(new TypeError('terminated', { cause })), 1_000),
    );
    follow(script);
    await advance(1_100);
    expect(followed.restarts).toMatchObject({ read_timeout: 1 });
    expect(followed.lastError).toContain('HTTP client');
  });

  it('the read deadline may exceed the maximum delay of a timer', async () => {
    const script = new ScriptedFetch().thenHang();
    follow(script, { sseReadDeadlineMs: 1e12 });
    await advance(MINUTE);
    expect(script.calls).toHaveLength(1);
  });
});

describe('half an hour of heartbeats', () => {
  it('half an hour of heartbeats keeps one connection without a restart', async () => {
    const script = new ScriptedFetch().thenStream(eventText('v1'));
    follow(script);
    for (let minute = 0; minute < 60; minute++) {
      await advance(MINUTE / 2);
      script.lastAnswer.send(': heartbeat\n\n');
    }
    expect(followed.states).toEqual(['connecting', 'connected']);
    expect(followed.restarts).toEqual({ worker_throw: 0, worker_exit: 0, read_timeout: 0 });
    expect(followed.log.messages('warn')).toEqual([]);
  });
});

describe('a frozen process', () => {
  it('a process frozen for minutes reconnects immediately when it resumes', async () => {
    const script = new ScriptedFetch().thenStream(eventText('v1'));
    follow(script);
    await advance(10_000);
    vi.setSystemTime(Date.now() + 5 * MINUTE);
    const { length } = script.calls;
    await advance(5_010);
    expect(script.calls).toHaveLength(length + 1);
    expect(script.answers[0]?.isOpen).toBe(false);
    expect(followed.restarts).toMatchObject({ read_timeout: 1 });
    expect(followed.log.messages('warn')[0]).toContain('was frozen for 300 s');
    expect(followed.states).toEqual([
      'connecting',
      'connected',
      'error',
      'connecting',
      'connected',
    ]);
  });

  it('a process frozen during a backoff delay retries immediately when it resumes', async () => {
    const script = new ScriptedFetch().thenFail();
    follow(script);
    await advance(40_000);
    const { length } = script.calls;
    vi.setSystemTime(Date.now() + 5 * MINUTE);
    await advance(5_000);
    expect(script.calls.length).toBeGreaterThan(length);
  });

  it('a small or backward clock change causes no reconnect', async () => {
    const script = new ScriptedFetch().thenStream(eventText('v1'));
    follow(script);
    for (const step of [20_000, -3_600_000, 20_000]) {
      vi.setSystemTime(Date.now() + step);
      await advance(20_000);
    }
    expect(script.calls).toHaveLength(1);
  });

  it('a process frozen after a terminal failure makes no request when it resumes', async () => {
    const script = new ScriptedFetch().thenStatus(401);
    follow(script);
    await advance(10_000);
    vi.setSystemTime(Date.now() + 5 * MINUTE);
    await advance(10_000);
    expect(script.calls).toHaveLength(1);
  });
});

describe('a refused stream', () => {
  it('a refused stream is never retried', async () => {
    const script = new ScriptedFetch().thenStatus(403);
    follow(script);
    await advance(24 * 60 * MINUTE);
    expect(script.calls).toHaveLength(1);
    expect(followed.service.terminal).toBe(true);
    expect(followed.edges).toEqual(['connecting', 'refused 403', 'error']);
    await followed.service.stop();
    followed.service.start();
    await advance(MINUTE);
    expect(script.calls).toHaveLength(1);
    expect(followed.service.terminal).toBe(true);
  });

  it('reconnect() may be called in the callback that reports the refusal', async () => {
    const script = new ScriptedFetch().thenStatus(403).thenStream(eventText('v1'));
    const stream: FollowedStream = follow(script, {
      onChange: ({ type }) => {
        if (type === 'refused') stream.service.reconnect();
      },
    });
    await advance(0);
    expect(stream.versions).toEqual(['v1']);
    expect(stream.states).toEqual(['connecting', 'connected']);
  });
});

describe('reconnect()', () => {
  it('reconnect() cuts a backoff delay short', async () => {
    const script = new ScriptedFetch().thenFail(8).thenStream(eventText('v1'));
    follow(script);
    await advance(61_000);
    expect(script.calls).toHaveLength(7);
    followed.service.reconnect();
    await advance(0);
    expect(script.calls).toHaveLength(8);
    await advance(500);
    expect(followed.versions).toEqual(['v1']);
  });

  it('reconnect() replaces a hanging attempt', async () => {
    const script = new ScriptedFetch().thenHang().thenStream(eventText('v1'));
    follow(script);
    await advance(10_000);
    followed.service.reconnect();
    await advance(0);
    expect(followed.versions).toEqual(['v1']);
    expect(followed.restarts).toEqual({ worker_throw: 0, worker_exit: 0, read_timeout: 0 });
  });

  it('reconnect() keeps an open connection', async () => {
    const script = new ScriptedFetch().thenStream(eventText('v1'));
    follow(script);
    await advance(0);
    followed.service.reconnect();
    followed.service.start();
    await advance(MINUTE);
    expect(script.calls).toHaveLength(1);
  });
});

describe('an envelope from an earlier connection', () => {
  it('an envelope from an earlier connection is not counted as a delivery of the next one', async () => {
    const script = new ScriptedFetch().thenStream(eventText('v1')).thenStream(': heartbeat\n\n');
    let finish = (): void => undefined;
    const changes: string[] = [];
    follow(script, {
      onEnvelope: () => new Promise<void>((resolve) => (finish = resolve)),
      onChange: ({ type }) => changes.push(type),
    });
    await advance(100);
    void followed.service.stop();
    followed.service.start();
    await advance(100);
    finish();
    await advance(100);
    expect(followed.states.at(-1)).toBe('connected');
    expect(changes).toContain('connecting');
    expect(changes).not.toContain('delivered');
  });
});

describe('the callbacks of the stream', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('broken handler');
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken handler'))],
  ])(
    'a callback that %s is logged with its stack, and the connection stays open',
    async (_, onEnvelope) => {
      const script = new ScriptedFetch().thenStream(eventText('v1') + eventText('v2'));
      follow(script, { onEnvelope });
      await advance(MINUTE);
      expect(followed.versions).toEqual(['v1', 'v2']);
      expect(script.calls).toHaveLength(1);
      expect(followed.log.messages('error')).toHaveLength(2);
      expect(followed.log.messages('error')[0]).toMatch(/broken handler[^]*at /);
    },
  );

  it('an envelope that cannot be installed is dropped with a warning', async () => {
    const script = new ScriptedFetch().thenStream(eventText('v1') + eventText('v2'));
    follow(script, {
      onEnvelope: ({ meta }) => {
        if (meta.version === 'v1')
          throw new InvalidEnvelopeError('the stream', 'no config is readable');
      },
    });
    await advance(0);
    expect(followed.log.messages('warn')).toHaveLength(1);
    expect(followed.log.messages('warn')[0]).toContain('no config is readable');
    expect(followed.log.messages('error')).toEqual([]);
    expect(followed.versions).toEqual(['v1', 'v2']);
  });

  it('a callback that throws for a state or a refusal is logged without affecting the stream', async () => {
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
    await advance(MINUTE);
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

  it('the stream never reports a state twice in a row', async () => {
    const script = new ScriptedFetch().thenStream(`${eventText('v1')}: hb\n\n`, (answer) =>
      answer.end(),
    );
    follow(script);
    await advance(MINUTE);
    expect(followed.states.every((state, index) => state !== followed.states[index - 1])).toBe(
      true,
    );
  });
});

describe('closing the stream', () => {
  it('closing during a backoff delay leaves no timer and makes no further attempt', async () => {
    const script = new ScriptedFetch().thenFail();
    follow(script);
    await advance(100);
    await followed.service.close();
    expect(vi.getTimerCount()).toBe(0);
    await advance(10 * MINUTE);
    expect(script.calls).toHaveLength(1);
    expect(followed.states).toEqual(['connecting', 'error', 'disconnected']);
  });

  it('closing completes even if fetch ignores the signal, and its late response is canceled', async () => {
    let answer: ((response: Response) => void) | undefined;
    let cancelled = false;
    const late: typeof fetch = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    followed = new FollowedStream({ url: 'http://stream.test/sse', fetch: late });
    followed.service.start();
    await advance(0);
    await followed.service.close();
    const body = new ReadableStream({
      cancel: () => {
        cancelled = true;
      },
    });
    answer?.(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
    await advance(0);
    expect(cancelled).toBe(true);
    expect(followed.states).toEqual(['connecting', 'disconnected']);
  });

  it('closing drops an envelope that is still in flight', async () => {
    const script = new ScriptedFetch().thenStream();
    follow(script);
    await advance(0);
    script.lastAnswer.send(eventText('v1'));
    await followed.service.close();
    await advance(MINUTE);
    expect(followed.versions).toEqual([]);
    expect(followed.states).toEqual(['connecting', 'disconnected']);
  });

  it('closing before the start is permanent', async () => {
    const script = new ScriptedFetch().thenStream(eventText('v1'));
    followed = new FollowedStream({ url: 'http://stream.test/sse', fetch: script.fetch });
    await followed.service.close();
    followed.service.start();
    await advance(MINUTE);
    expect(script.calls).toEqual([]);
  });
});
