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
/** When the configs were last known to be current, in ms since the start. */
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

/** The two as the delivery connects them, after a first load at 0. */
function start(onTerminalFailure: 'stop' | 'poll' = 'stop'): void {
  const refresh = (): void => {
    refreshed = Date.now();
  };
  poller = new PollingFallbackService({
    enabled: true,
    streamEnabled: true,
    onTerminalFailure,
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

/** Lets time pass until the given moment, and looks at every second of it. */
async function until(moment: number, look: () => void = () => undefined): Promise<void> {
  while (Date.now() < moment) {
    await vi.advanceTimersByTimeAsync(Math.min(1_000, moment - Date.now()));
    if (Date.now() % 30_000 === 0) script.answers.at(-1)?.send(': heartbeat\n\n');
    look();
  }
}

describe('While the stream is down for three minutes', () => {
  beforeEach(async () => {
    script.thenStream(eventText('v1')).thenFail();
    start();
    await until(5_000);
    script.lastAnswer.fail(new Error('gone'));
  });

  it('polling begins after two minutes, and ends when the stream is back', async () => {
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

  it('what is held is never older than an interval once polling has begun', async () => {
    await until(130_000);
    await until(600_000, () => expect(Date.now() - refreshed).toBeLessThan(70_000));
    expect(pollerLog.messages('warn')).toHaveLength(1);
  });

  it('the stream is asked again with restraint', async () => {
    await until(185_000);
    const { restarts, connectAttempts } = followed;
    expect(restarts.worker_throw).toBeGreaterThanOrEqual(1);
    expect(connectAttempts).toBeLessThan(20);
  });
});

describe('When the stream is refused', () => {
  it('there is one request and no poll', async () => {
    script.thenStatus(401);
    start();
    await until(600_000);
    expect(script.calls).toHaveLength(1);
    expect(polls).toBe(0);
    expect(poller.active).toBe(false);
    expect(pollerLog.lines()).toEqual([]);
    expect(followed.log.messages('error')).toHaveLength(1);
  });

  it('polling begins at once when that is asked for', async () => {
    script.thenStatus(401);
    start('poll');
    await until(1_000);
    expect(polls).toBe(1);
    await until(182_000);
    expect(polls).toBe(4);
    expect(script.calls).toHaveLength(1);
  });
});

describe('When nothing happens for half an hour', () => {
  it('nothing is polled and nothing is restarted', async () => {
    script.thenStream(eventText('v1'));
    start();
    await until(1_800_000, () => expect(poller.active).toBe(false));
    expect(polls).toBe(0);
    expect(script.calls).toHaveLength(1);
    expect(followed.service.state).toBe('connected');
  });
});

describe('When the stream takes 30 s for its headers', () => {
  it('nothing is polled meanwhile', async () => {
    script.thenHang();
    start();
    await until(30_000, () => expect(poller.active).toBe(false));
    expect(polls).toBe(0);
  });
});
