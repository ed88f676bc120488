import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NO_SINK } from '../support/no-sink.js';
import { PollingFallbackService } from '../../../lib/sources/poll/polling-fallback.service.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { eventText } from '../stream/support/envelope.js';
import { FollowedStream } from '../stream/support/followed-stream.js';
import { ScriptedFetch } from '../stream/support/scripted-fetch.js';

let script: ScriptedFetch;
let followed: FollowedStream;
let poller: PollingFallbackService;
let pollerLog: RecordingLogger;
let polls: number;
/** The time of the last refresh, in ms since the start. */
let refreshed: number;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  script = new ScriptedFetch();
  pollerLog = new RecordingLogger();
  polls = 0;
  refreshed = 0;
});

afterEach(async () => {
  poller.close();
  await followed.service.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** Starts stream and poller as the delivery connects them, after a first load at 0. */
function start(onTerminalFailure: 'stop' | 'poll' = 'stop'): void {
  const refresh = (): void => {
    refreshed = Date.now();
  };
  poller = new PollingFallbackService({
    enabled: true,
    streamEnabled: true,
    onTerminalFailure,
    keySource: 'the option sdkKey',
    fallbackPollIntervalMs: 60_000,
    logger: pollerLog,
    poll: async () => {
      polls++;
      refresh();
    },
    ageMs: () => Date.now() - refreshed,
    sink: NO_SINK,
  });
  followed = new FollowedStream({
    url: 'http://stream.test/sse',
    fetch: script.fetch,
    onEnvelope: refresh,
    onChange: (change) => poller.sourceChanged(change),
  });
  poller.start();
  followed.service.start();
}

/** Advances the clock to a moment, checking every second. */
async function until(moment: number, check: () => void = () => undefined): Promise<void> {
  while (Date.now() < moment) {
    await vi.advanceTimersByTimeAsync(Math.min(1_000, moment - Date.now()));
    if (Date.now() % 30_000 === 0) script.answers.at(-1)?.send(': heartbeat\n\n');
    check();
  }
}

describe('a stream that is down for three minutes', () => {
  beforeEach(async () => {
    script.thenStream(eventText('v1')).thenFail();
    start();
    await until(5_000);
    script.lastAnswer.fail(new Error('gone'));
  });

  it('polling starts after two minutes and ends when the stream is back', async () => {
    await until(124_000, () => expect(poller.active).toBe(false));
    await until(126_000);
    expect(poller.active).toBe(true);
    expect(polls).toBe(1);
    await until(185_000, () => expect(poller.active).toBe(true));
    script.thenStream(eventText('v2'));
    await until(230_000);
    expect(followed.service.state).toBe('connected');
    expect(poller.active).toBe(false);
    const before = polls;
    await until(600_000);
    expect(polls).toBe(before);
  });

  it('configs are never older than one interval once polling has started', async () => {
    await until(130_000);
    await until(600_000, () => expect(Date.now() - refreshed).toBeLessThan(70_000));
    expect(pollerLog.messages('warn')).toHaveLength(1);
  });

  it('the stream is retried with backoff', async () => {
    await until(185_000);
    const { restarts, connectAttempts } = followed;
    expect(restarts.worker_throw).toBeGreaterThanOrEqual(1);
    expect(connectAttempts).toBeLessThan(20);
  });
});

describe('a refused stream', () => {
  it('a refused stream causes one request and no poll', async () => {
    script.thenStatus(401);
    start();
    await until(600_000);
    expect(script.calls).toHaveLength(1);
    expect(polls).toBe(0);
    expect(poller.active).toBe(false);
    expect(pollerLog.lines()).toEqual([]);
    expect(followed.log.messages('error')).toHaveLength(1);
  });

  it('polling starts immediately after a refusal with onTerminalFailure "poll"', async () => {
    script.thenStatus(401);
    start('poll');
    await until(1_000);
    expect(polls).toBe(1);
    await until(182_000);
    expect(polls).toBe(4);
    expect(script.calls).toHaveLength(1);
  });
});

describe('half an hour of heartbeats', () => {
  it('half an hour of heartbeats causes no poll and no restart', async () => {
    script.thenStream(eventText('v1'));
    start();
    await until(1_800_000, () => expect(poller.active).toBe(false));
    expect(polls).toBe(0);
    expect(script.calls).toHaveLength(1);
    expect(followed.service.state).toBe('connected');
  });
});

describe('response headers that take 30 s', () => {
  it('the poller does not start while response headers take 30 s', async () => {
    script.thenHang();
    start();
    await until(30_000, () => expect(poller.active).toBe(false));
    expect(polls).toBe(0);
  });
});
