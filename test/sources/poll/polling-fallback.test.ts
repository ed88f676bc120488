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
/** When polls began, in ms since the test did. */
let polls: number[];
let active: boolean[];
let lastRefresh: Date | undefined;
/** What each poll does; counts as a refresh unless it rejects. */
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

/** The stream connects, and brings what is current, as it does every time. */
function connect(connected = poller): void {
  connected.sourceChanged({ type: 'stream', state: 'connected' });
  connected.sourceChanged({ type: 'delivered' });
}

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

const failing = (error: unknown) => async (): Promise<void> => {
  throw error;
};
const never = (): Promise<void> => new Promise(() => undefined);
const lasting = (ms: number) => () => new Promise<void>((resolve) => void setTimeout(resolve, ms));

describe('A stream that fails before it ever connected', () => {
  it('makes the poller poll one interval later', async () => {
    make().sourceChanged({ type: 'stream', state: 'connecting' });
    await pass(1_000);
    poller.sourceChanged({ type: 'stream', state: 'error' });
    expect(poller.active).toBe(true);
    expect(active).toEqual([true]);
    await pass(INTERVAL_MS - 1);
    expect(polls).toEqual([]);
    await pass(1);
    expect(polls).toEqual([1_000 + INTERVAL_MS]);
  });

  it.each([
    ['is older than one interval', () => new Date(-INTERVAL_MS - 1)],
    ['has never been', () => undefined],
  ])('makes it poll at once when the last refresh %s', async (_, last) => {
    lastRefresh = last();
    make().sourceChanged({ type: 'stream', state: 'error' });
    await pass(1);
    expect(polls).toHaveLength(1);
  });

  it('is told of in one warning that says what to check', async () => {
    make().sourceChanged({ type: 'stream', state: 'error' });
    for (let attempt = 0; attempt < 10; attempt++) {
      poller.sourceChanged({ type: 'stream', state: 'connecting' });
      poller.sourceChanged({ type: 'stream', state: 'error' });
    }
    expect(log.messages('warn')).toHaveLength(1);
    expect(log.messages('warn')[0]).toContain('failed before it delivered');
  });
});

describe('A stream that has not answered at all', () => {
  it('is waited for two intervals from the start; then the poller polls at once', async () => {
    make().sourceChanged({ type: 'stream', state: 'connecting' });
    await pass(2 * INTERVAL_MS - 1);
    expect(poller.active).toBe(false);
    await pass(2);
    expect(polls).toEqual([2 * INTERVAL_MS]);
  });

  it('is no longer waited for once it is connected', async () => {
    make().sourceChanged({ type: 'stream', state: 'connecting' });
    await pass(30_000);
    connect();
    await pass(10 * INTERVAL_MS);
    expect(polls).toEqual([]);
    expect(log.lines()).toEqual([]);
  });
});

describe('A stream that is accepted and dropped again and again, without ever bringing anything', () => {
  it('counts as one that fails: the poller polls', async () => {
    make();
    for (let time = 0; time < 10; time++) {
      for (const state of ['connecting', 'connected', 'error'] as const)
        poller.sourceChanged({ type: 'stream', state: state });
      await pass(30_000);
    }
    expect(polls.length).toBeGreaterThan(3);
    expect(log.messages('warn')).toHaveLength(1);
    expect(log.messages('info')).toEqual([]);
  });

  it('does not keep it waiting for longer after it has delivered once', async () => {
    connect(make());
    poller.sourceChanged({ type: 'stream', state: 'error' });
    for (let time = 0; time < 5; time++) {
      for (const state of ['connecting', 'connected', 'error'] as const)
        poller.sourceChanged({ type: 'stream', state: state });
      await pass(30_000);
    }
    expect(polls).toEqual([2 * INTERVAL_MS]);
  });
});

describe('A stream that stays connected and brings nothing', () => {
  it('is waited for two intervals, and polled in place of until it delivers', async () => {
    make().sourceChanged({ type: 'stream', state: 'connected' });
    await pass(2 * INTERVAL_MS + 1);
    expect(polls).toEqual([2 * INTERVAL_MS]);
    expect(log.messages('warn')[0]).toContain('delivered nothing for 120 s');
    poller.sourceChanged({ type: 'delivered' });
    expect(poller.active).toBe(false);
    await pass(10 * INTERVAL_MS);
    expect(polls).toHaveLength(1);
  });
});

describe('A stream that was connected and is lost', () => {
  it.each([
    ['by a failure', 'error'],
    ['by a clean end', 'connecting'],
  ] as const)('%s is waited for two intervals; then the poller polls at once', async (_, state) => {
    connect(make());
    await pass(5_000);
    poller.sourceChanged({ type: 'stream', state: state });
    for (let second = 0; second < 119; second++) {
      await pass(1_000);
      poller.sourceChanged({ type: 'stream', state: 'connecting' });
      poller.sourceChanged({ type: 'stream', state: 'error' });
    }
    expect(poller.active).toBe(false);
    await pass(1_001);
    expect(poller.active).toBe(true);
    expect(polls).toEqual([125_000]);
    expect(log.messages('warn')).toHaveLength(1);
    expect(log.messages('warn')[0]).toContain('120 s');
  });

  it('and connects again within the wait is not polled for', async () => {
    connect(make());
    for (let flap = 0; flap < 10; flap++) {
      poller.sourceChanged({ type: 'stream', state: 'error' });
      await pass(2 * INTERVAL_MS - 1);
      poller.sourceChanged({ type: 'stream', state: 'connecting' });
      connect();
    }
    expect(polls).toEqual([]);
    expect(log.lines()).toEqual([]);
  });

  it('ends the polling when it is connected, told in one line', async () => {
    connect(make());
    poller.sourceChanged({ type: 'stream', state: 'error' });
    await pass(5 * INTERVAL_MS);
    expect(polls).toHaveLength(4);
    connect();
    expect(poller.active).toBe(false);
    expect(active).toEqual([true, false]);
    expect(log.messages('info')).toHaveLength(1);
    await pass(10 * INTERVAL_MS);
    expect(polls).toHaveLength(4);
  });
});

describe('Polls', () => {
  it('begin one interval after the end of the one before', async () => {
    poll = lasting(25_000);
    make({ streamEnabled: false });
    await pass(4 * INTERVAL_MS + 80_000);
    expect(polls).toEqual([60_000, 145_000, 230_000, 315_000]);
    poller.close();
    await pass(25_000);
  });

  it('never overlap, not even when polling ends and begins anew during one', async () => {
    let running = 0;
    let most = 0;
    poll = async () => {
      most = Math.max(most, ++running);
      await lasting(5 * INTERVAL_MS)();
      running--;
    };
    connect(make());
    poller.sourceChanged({ type: 'stream', state: 'error' });
    await pass(2 * INTERVAL_MS + 1);
    connect();
    poller.sourceChanged({ type: 'stream', state: 'error' });
    await pass(20 * INTERVAL_MS);
    expect(most).toBe(1);
    expect(polls.length).toBeGreaterThan(2);
    poller.close();
    await pass(5 * INTERVAL_MS);
  });

  it('that fail are told of once, then in debug lines, and once when they succeed again', async () => {
    poll = failing(new Error('the network is away'));
    make({ streamEnabled: false });
    await pass(5 * INTERVAL_MS);
    expect(polls).toHaveLength(5);
    expect(log.messages('warn')).toHaveLength(1);
    expect(log.messages('warn')[0]).toContain('the network is away');
    expect(log.messages('debug')).toHaveLength(4);
    log.clear();
    poll = async () => undefined;
    await pass(3 * INTERVAL_MS);
    expect(log.lines()).toHaveLength(1);
    expect(log.messages('info')[0]).toContain('succeed again');
    poll = failing(undefined);
    await pass(INTERVAL_MS);
    expect(log.messages('warn')).toHaveLength(1);
  });

  it('go on after one that throws before it gives a promise', async () => {
    poll = () => {
      throw new Error('broken');
    };
    make({ streamEnabled: false });
    await pass(3 * INTERVAL_MS);
    expect(polls).toHaveLength(3);
  });

  it.each([401, 403, 404])('that are refused with %i are one error per episode', async (status) => {
    poll = failing(new DeliveryHttpError('https://api.test/configs', status));
    make({ onTerminalFailure: 'poll' });
    poller.sourceChanged({ type: 'refused', status: 401, host: 'stream.test' });
    poller.sourceChanged({ type: 'stream', state: 'error' });
    await pass(4 * INTERVAL_MS);
    expect(log.messages('error')).toHaveLength(1);
    expect(log.messages('error')[0]).toContain(String(status));
    expect(log.messages('debug')).toHaveLength(polls.length - 1);
    poll = async () => undefined;
    await pass(INTERVAL_MS);
    poll = failing(new DeliveryHttpError('https://api.test/configs', status));
    await pass(INTERVAL_MS);
    expect(log.messages('error')).toHaveLength(2);
  });

  it('may be further apart than a timer can count', async () => {
    make({ streamEnabled: false, fallbackPollIntervalMs: 1e12 });
    await pass(10 * INTERVAL_MS);
    expect(polls).toEqual([]);
  });

  it('come at once when the process wakes after it stood still for minutes', async () => {
    make({ streamEnabled: false });
    await pass(10_000);
    vi.setSystemTime(Date.now() + 600_000);
    await pass(5_001);
    expect(polls).toHaveLength(1);
    await pass(INTERVAL_MS);
    expect(polls).toHaveLength(2);
  });
});

describe('Without a stream', () => {
  it('the poller polls from the start, which is no reason to warn', async () => {
    make({ streamEnabled: false });
    expect(poller.active).toBe(true);
    expect(log.messages('warn')).toEqual([]);
    await pass(3 * INTERVAL_MS);
    expect(polls).toEqual([60_000, 120_000, 180_000]);
  });
});

describe('A refused stream', () => {
  it.each([
    ['before it was engaged', () => undefined],
    ['during a wait', () => poller.sourceChanged({ type: 'stream', state: 'connecting' })],
    [
      'after a lost connection',
      () => (connect(), poller.sourceChanged({ type: 'stream', state: 'error' })),
    ],
    ['while it polls', () => poller.sourceChanged({ type: 'stream', state: 'error' })],
  ])('is never polled for: %s', async (_, before) => {
    make();
    before();
    poller.sourceChanged({ type: 'refused', status: 401, host: 'stream.test' });
    poller.sourceChanged({ type: 'stream', state: 'error' });
    poller.sourceChanged({ type: 'stream', state: 'connecting' });
    connect();
    poller.sourceChanged({ type: 'stream', state: 'error' });
    expect(poller.active).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
    await pass(100 * INTERVAL_MS);
    expect(polls).toEqual([]);
  });

  it('is polled for at once, and at the interval, when that is asked for', async () => {
    make({ onTerminalFailure: 'poll' });
    await pass(5_000);
    poller.sourceChanged({ type: 'refused', status: 401, host: 'stream.test' });
    poller.sourceChanged({ type: 'stream', state: 'error' });
    await pass(2 * INTERVAL_MS + 10);
    expect(polls.map((at) => Math.floor(at / 1_000))).toEqual([5, 65, 125]);
    expect(log.messages('warn')).toHaveLength(1);
  });

  it('is waited for again when the refusal is lifted', async () => {
    make().sourceChanged({ type: 'refused', status: 401, host: 'stream.test' });
    poller.refusalLifted();
    await pass(2 * INTERVAL_MS + 1);
    expect(poller.active).toBe(true);
  });
});

describe('A poller that is switched off', () => {
  it('never polls and says nothing', async () => {
    make({ enabled: false, onTerminalFailure: 'poll' });
    poller.sourceChanged({ type: 'stream', state: 'error' });
    connect();
    poller.sourceChanged({ type: 'stream', state: 'error' });
    poller.sourceChanged({ type: 'refused', status: 401, host: 'stream.test' });
    await pass(100 * INTERVAL_MS);
    expect(polls).toEqual([]);
    expect(log.lines()).toEqual([]);
    expect(active).toEqual([]);
  });
});

describe('Stopping the poller', () => {
  it.each([
    ['a wait', () => undefined],
    ['polling', () => poller.sourceChanged({ type: 'stream', state: 'error' })],
  ])('cancels %s, for good when it is closed', async (_, before) => {
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
    await pass(100 * INTERVAL_MS);
    expect(polls).toEqual([]);
  });

  it('during a poll is silent: neither its end nor its failure is told', async () => {
    let fail: ((error: Error) => void) | undefined;
    poll = () => new Promise((_, reject) => (fail = reject));
    make({ streamEnabled: false });
    await pass(INTERVAL_MS);
    log.clear();
    poller.close();
    fail?.(new Error('aborted'));
    await pass(10 * INTERVAL_MS);
    expect(polls).toHaveLength(1);
    expect(log.lines()).toEqual([]);
  });

  it('lasts until start(), and what the stream did meanwhile is known then', async () => {
    make().stop();
    connect();
    poller.start();
    await pass(10 * INTERVAL_MS);
    expect(poller.active).toBe(false);
    poller.stop();
    poller.sourceChanged({ type: 'refused', status: 401, host: 'stream.test' });
    poller.start();
    await pass(10 * INTERVAL_MS);
    expect(polls).toEqual([]);
  });

  it('does not wait for a poll that never ends', async () => {
    poll = never;
    make({ streamEnabled: false });
    await pass(INTERVAL_MS);
    poller.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
