import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NO_SINK } from '../support/no-sink.js';
import { DeliveryHttpError } from '../../../lib/errors/index.js';
import {
  type PollingFallbackOptions,
  PollingFallbackService,
} from '../../../lib/sources/poll/polling-fallback.service.js';
import { RecordingLogger } from '../../support/recording-logger.js';

const INTERVAL_MS = 60_000;

let log: RecordingLogger;
let poller: PollingFallbackService;
/** The start times of polls, in ms since the start of the test. */
let polls: number[];
let active: boolean[];
let lastRefresh: Date | undefined;
/** The work of each poll, which counts as a refresh unless it rejects. */
let poll: () => Promise<void>;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  log = new RecordingLogger();
  polls = [];
  active = [];
  lastRefresh = new Date(0);
  poll = async () => undefined;
});

afterEach(() => {
  poller.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function make(options: Partial<PollingFallbackOptions> = {}): PollingFallbackService {
  poller = new PollingFallbackService({
    enabled: true,
    streamEnabled: true,
    onTerminalFailure: 'stop',
    keySource: 'the option sdkKey',
    fallbackPollIntervalMs: INTERVAL_MS,
    logger: log,
    poll: async () => {
      polls.push(Date.now());
      await poll();
      lastRefresh = new Date();
    },
    ageMs: () => lastRefresh && Date.now() - lastRefresh.getTime(),
    sink: {
      ...NO_SINK,
      changed: (change) => {
        if (change.type === 'polling') active.push(change.active);
      },
    },
    ...options,
  });
  poller.start();
  return poller;
}

/** Connects the stream, which delivers the current envelope as it does on every connect. */
function connect(connected = poller): void {
  connected.sourceChanged({ type: 'stream', state: 'connected' });
  connected.sourceChanged({ type: 'delivered' });
}

async function advance(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

const failing = (error: unknown) => async (): Promise<void> => {
  throw error;
};
const never = (): Promise<void> => new Promise(() => undefined);
const lasting = (ms: number) => () => new Promise<void>((resolve) => void setTimeout(resolve, ms));

describe('a stream that fails before it ever connects', () => {
  it('the poller polls one interval after the stream failed', async () => {
    make().sourceChanged({ type: 'stream', state: 'connecting' });
    await advance(1_000);
    poller.sourceChanged({ type: 'stream', state: 'error' });
    expect(poller.active).toBe(true);
    expect(active).toEqual([true]);
    await advance(INTERVAL_MS - 1);
    expect(polls).toEqual([]);
    await advance(1);
    expect(polls).toEqual([1_000 + INTERVAL_MS]);
  });

  it.each([
    ['is older than one interval', () => new Date(-INTERVAL_MS - 1)],
    ['has never happened', () => undefined],
  ])('the poller polls immediately when the last refresh %s', async (_, last) => {
    lastRefresh = last();
    make().sourceChanged({ type: 'stream', state: 'error' });
    await advance(1);
    expect(polls).toHaveLength(1);
  });

  it('a stream that never connects causes one warning', async () => {
    make().sourceChanged({ type: 'stream', state: 'error' });
    for (let attempt = 0; attempt < 10; attempt++) {
      poller.sourceChanged({ type: 'stream', state: 'connecting' });
      poller.sourceChanged({ type: 'stream', state: 'error' });
    }
    expect(log.messages('warn')).toHaveLength(1);
    expect(log.messages('warn')[0]).toContain('failed before delivering');
  });
});

describe('a stream that has not answered yet', () => {
  it('the poller polls after two intervals without a response from the stream', async () => {
    make().sourceChanged({ type: 'stream', state: 'connecting' });
    await advance(2 * INTERVAL_MS - 1);
    expect(poller.active).toBe(false);
    await advance(2);
    expect(polls).toEqual([2 * INTERVAL_MS]);
  });

  it('the poller does not start once the stream is connected', async () => {
    make().sourceChanged({ type: 'stream', state: 'connecting' });
    await advance(30_000);
    connect();
    await advance(10 * INTERVAL_MS);
    expect(polls).toEqual([]);
    expect(log.lines()).toEqual([]);
  });
});

describe('a stream that is accepted and dropped repeatedly without delivering', () => {
  it('the poller polls while the stream is accepted and dropped repeatedly', async () => {
    make();
    for (let time = 0; time < 10; time++) {
      for (const state of ['connecting', 'connected', 'error'] as const)
        poller.sourceChanged({ type: 'stream', state: state });
      await advance(30_000);
    }
    expect(polls.length).toBeGreaterThan(3);
    expect(log.messages('warn')).toHaveLength(1);
    expect(log.messages('info')).toEqual([]);
  });

  it('the poller waits no longer than two intervals after the stream has delivered once', async () => {
    connect(make());
    poller.sourceChanged({ type: 'stream', state: 'error' });
    for (let time = 0; time < 5; time++) {
      for (const state of ['connecting', 'connected', 'error'] as const)
        poller.sourceChanged({ type: 'stream', state: state });
      await advance(30_000);
    }
    expect(polls).toEqual([2 * INTERVAL_MS]);
  });
});

describe('a stream that stays connected without delivering', () => {
  it('the poller polls after two intervals without a delivery, until the stream delivers', async () => {
    make().sourceChanged({ type: 'stream', state: 'connected' });
    await advance(2 * INTERVAL_MS + 1);
    expect(polls).toEqual([2 * INTERVAL_MS]);
    expect(log.messages('warn')[0]).toContain('delivered nothing for 120 s');
    poller.sourceChanged({ type: 'delivered' });
    expect(poller.active).toBe(false);
    await advance(10 * INTERVAL_MS);
    expect(polls).toHaveLength(1);
  });
});

describe('a stream that is lost', () => {
  it.each([
    ['fails', 'error'],
    ['ends cleanly', 'connecting'],
  ] as const)('the poller polls two intervals after a connected stream %s', async (_, state) => {
    connect(make());
    await advance(5_000);
    poller.sourceChanged({ type: 'stream', state: state });
    for (let second = 0; second < 119; second++) {
      await advance(1_000);
      poller.sourceChanged({ type: 'stream', state: 'connecting' });
      poller.sourceChanged({ type: 'stream', state: 'error' });
    }
    expect(poller.active).toBe(false);
    await advance(1_001);
    expect(poller.active).toBe(true);
    expect(polls).toEqual([125_000]);
    expect(log.messages('warn')).toHaveLength(1);
    expect(log.messages('warn')[0]).toContain('120 s');
  });

  it('the poller does not start when the stream reconnects within two intervals', async () => {
    connect(make());
    for (let flap = 0; flap < 10; flap++) {
      poller.sourceChanged({ type: 'stream', state: 'error' });
      await advance(2 * INTERVAL_MS - 1);
      poller.sourceChanged({ type: 'stream', state: 'connecting' });
      connect();
    }
    expect(polls).toEqual([]);
    expect(log.lines()).toEqual([]);
  });

  it('the poller stops when the stream reconnects, and logs it once', async () => {
    connect(make());
    poller.sourceChanged({ type: 'stream', state: 'error' });
    await advance(5 * INTERVAL_MS);
    expect(polls).toHaveLength(4);
    connect();
    expect(poller.active).toBe(false);
    expect(active).toEqual([true, false]);
    expect(log.messages('info')).toHaveLength(1);
    await advance(10 * INTERVAL_MS);
    expect(polls).toHaveLength(4);
  });
});

describe('polls', () => {
  it('a poll starts one interval after the end of the previous one', async () => {
    poll = lasting(25_000);
    make({ streamEnabled: false });
    await advance(4 * INTERVAL_MS + 80_000);
    expect(polls).toEqual([60_000, 145_000, 230_000, 315_000]);
    poller.close();
    await advance(25_000);
  });

  it('polls never overlap, even if polling restarts during one', async () => {
    let running = 0;
    let most = 0;
    poll = async () => {
      most = Math.max(most, ++running);
      await lasting(5 * INTERVAL_MS)();
      running--;
    };
    connect(make());
    poller.sourceChanged({ type: 'stream', state: 'error' });
    await advance(2 * INTERVAL_MS + 1);
    connect();
    poller.sourceChanged({ type: 'stream', state: 'error' });
    await advance(20 * INTERVAL_MS);
    expect(most).toBe(1);
    expect(polls.length).toBeGreaterThan(2);
    poller.close();
    await advance(5 * INTERVAL_MS);
  });

  it('failing polls log one warning, then debug lines, and log their recovery once', async () => {
    poll = failing(new Error('the network is away'));
    make({ streamEnabled: false });
    await advance(5 * INTERVAL_MS);
    expect(polls).toHaveLength(5);
    expect(log.messages('warn')).toHaveLength(1);
    expect(log.messages('warn')[0]).toContain('the network is away');
    expect(log.messages('debug')).toHaveLength(4);
    log.clear();
    poll = async () => undefined;
    await advance(3 * INTERVAL_MS);
    expect(log.lines()).toHaveLength(1);
    expect(log.messages('info')[0]).toBe('Polling for configs works again.');
    poll = failing(undefined);
    await advance(INTERVAL_MS);
    expect(log.messages('warn')).toHaveLength(1);
  });

  it('polls continue after one that throws synchronously', async () => {
    poll = () => {
      throw new Error('broken');
    };
    make({ streamEnabled: false });
    await advance(3 * INTERVAL_MS);
    expect(polls).toHaveLength(3);
  });

  it.each([401, 403, 404])(
    'polls refused with status %i log one error per outage',
    async (status) => {
      poll = failing(new DeliveryHttpError('https://api.test/configs', status));
      make({ onTerminalFailure: 'poll' });
      poller.sourceChanged({ type: 'refused', status: 401, host: 'stream.test' });
      poller.sourceChanged({ type: 'stream', state: 'error' });
      await advance(4 * INTERVAL_MS);
      expect(log.messages('error')).toHaveLength(1);
      expect(log.messages('error')[0]).toContain(String(status));
      expect(log.messages('debug')).toHaveLength(polls.length - 1);
      poll = async () => undefined;
      await advance(INTERVAL_MS);
      poll = failing(new DeliveryHttpError('https://api.test/configs', status));
      await advance(INTERVAL_MS);
      expect(log.messages('error')).toHaveLength(2);
    },
  );

  it('the interval may exceed the maximum delay of a timer', async () => {
    make({ streamEnabled: false, fallbackPollIntervalMs: 1e12 });
    await advance(10 * INTERVAL_MS);
    expect(polls).toEqual([]);
  });

  it('a poll starts immediately when a frozen process resumes', async () => {
    make({ streamEnabled: false });
    await advance(10_000);
    vi.setSystemTime(Date.now() + 600_000);
    await advance(5_001);
    expect(polls).toHaveLength(1);
    await advance(INTERVAL_MS);
    expect(polls).toHaveLength(2);
  });
});

describe('a poller without a stream', () => {
  it('a poller without a stream polls from the start and logs no warning', async () => {
    make({ streamEnabled: false });
    expect(poller.active).toBe(true);
    expect(log.messages('warn')).toEqual([]);
    await advance(3 * INTERVAL_MS);
    expect(polls).toEqual([60_000, 120_000, 180_000]);
  });
});

describe('a refused stream', () => {
  it.each([
    ['before it starts', () => undefined],
    ['during a wait', () => poller.sourceChanged({ type: 'stream', state: 'connecting' })],
    [
      'after a lost connection',
      () => (connect(), poller.sourceChanged({ type: 'stream', state: 'error' })),
    ],
    ['while it polls', () => poller.sourceChanged({ type: 'stream', state: 'error' })],
  ])('the poller never polls after a terminal failure: %s', async (_, before) => {
    make();
    before();
    poller.sourceChanged({ type: 'refused', status: 401, host: 'stream.test' });
    poller.sourceChanged({ type: 'stream', state: 'error' });
    poller.sourceChanged({ type: 'stream', state: 'connecting' });
    connect();
    poller.sourceChanged({ type: 'stream', state: 'error' });
    expect(poller.active).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
    await advance(100 * INTERVAL_MS);
    expect(polls).toEqual([]);
  });

  it('the poller polls immediately after a terminal failure with onTerminalFailure "poll"', async () => {
    make({ onTerminalFailure: 'poll' });
    await advance(5_000);
    poller.sourceChanged({ type: 'refused', status: 401, host: 'stream.test' });
    poller.sourceChanged({ type: 'stream', state: 'error' });
    await advance(2 * INTERVAL_MS + 10);
    expect(polls.map((at) => Math.floor(at / 1_000))).toEqual([5, 65, 125]);
    expect(log.messages('warn')).toHaveLength(1);
  });

  it('the poller waits for the stream again when the terminal failure is cleared', async () => {
    make().sourceChanged({ type: 'refused', status: 401, host: 'stream.test' });
    poller.refusalLifted();
    await advance(2 * INTERVAL_MS + 1);
    expect(poller.active).toBe(true);
  });
});

describe('a disabled poller', () => {
  it('a disabled poller never polls and logs nothing', async () => {
    make({ enabled: false, onTerminalFailure: 'poll' });
    poller.sourceChanged({ type: 'stream', state: 'error' });
    connect();
    poller.sourceChanged({ type: 'stream', state: 'error' });
    poller.sourceChanged({ type: 'refused', status: 401, host: 'stream.test' });
    await advance(100 * INTERVAL_MS);
    expect(polls).toEqual([]);
    expect(log.lines()).toEqual([]);
    expect(active).toEqual([]);
  });
});

describe('stopping the poller', () => {
  it.each([
    ['a wait', () => undefined],
    ['polling', () => poller.sourceChanged({ type: 'stream', state: 'error' })],
  ])('closing the poller ends %s permanently', async (_, before) => {
    make();
    before();
    poller.close();
    poller.close();
    poller.start();
    poller.sourceChanged({ type: 'stream', state: 'error' });
    connect();
    poller.sourceChanged({ type: 'stream', state: 'error' });
    poller.refusalLifted();
    expect(poller.active).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
    await advance(100 * INTERVAL_MS);
    expect(polls).toEqual([]);
  });

  it('closing the poller during a poll logs nothing about that poll', async () => {
    let fail: ((error: Error) => void) | undefined;
    poll = () => new Promise((_, reject) => (fail = reject));
    make({ streamEnabled: false });
    await advance(INTERVAL_MS);
    log.clear();
    poller.close();
    fail?.(new Error('aborted'));
    await advance(10 * INTERVAL_MS);
    expect(polls).toHaveLength(1);
    expect(log.lines()).toEqual([]);
  });

  it('a restarted poller knows what the stream did while it was stopped', async () => {
    make().stop();
    connect();
    poller.start();
    await advance(10 * INTERVAL_MS);
    expect(poller.active).toBe(false);
    poller.stop();
    poller.sourceChanged({ type: 'refused', status: 401, host: 'stream.test' });
    poller.start();
    await advance(10 * INTERVAL_MS);
    expect(polls).toEqual([]);
  });

  it('closing the poller does not wait for a poll that never ends', async () => {
    poll = never;
    make({ streamEnabled: false });
    await advance(INTERVAL_MS);
    poller.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
