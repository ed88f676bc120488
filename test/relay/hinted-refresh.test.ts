import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { hintIn } from '../../lib/relay/hints/hint.js';
import { HintedRefresh } from '../../lib/relay/hints/hinted-refresh.js';

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

function refreshing(refresh: () => Promise<void> = () => Promise.resolve()): {
  hints: HintedRefresh;
  refresh: ReturnType<typeof vi.fn>;
  failed: ReturnType<typeof vi.fn>;
  set: (generation: number) => void;
} {
  let current = 5;
  const spy = vi.fn(refresh);
  const failed = vi.fn();
  const hints = new HintedRefresh({ generation: () => current, refresh: spy, failed });
  return { hints, refresh: spy, failed, set: (generation) => (current = generation) };
}

describe('refreshes caused by hints', () => {
  it('a newer generation is fetched at once', () => {
    const { hints, refresh } = refreshing();
    hints.hinted(6);
    vi.advanceTimersByTime(1);
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('a hint for the same or an older generation causes no fetch', () => {
    const { hints, refresh } = refreshing();
    for (const generation of [5, 4, 1, 0, -1]) hints.hinted(generation);
    vi.advanceTimersByTime(60_000);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('any number of hints causes at most one refresh per second', () => {
    const { hints, refresh } = refreshing();
    for (let ms = 0; ms < 10_000; ms++) {
      for (let hint = 0; hint < 10; hint++) hints.hinted(Number.MAX_SAFE_INTEGER - hint);
      vi.advanceTimersByTime(1);
    }
    expect(refresh.mock.calls.length).toBeLessThanOrEqual(11);
    expect(refresh.mock.calls.length).toBeGreaterThanOrEqual(10);
  });

  it('a hint soon after a refresh is not lost', () => {
    const { hints, refresh, set } = refreshing();
    hints.hinted(6);
    vi.advanceTimersByTime(1);
    set(6);
    hints.hinted(7);
    vi.advanceTimersByTime(500);
    expect(refresh).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(500);
    expect(refresh).toHaveBeenCalledTimes(2);
  });

  it('a generation that has arrived without a hint in the meantime is not fetched', () => {
    const { hints, refresh, set } = refreshing();
    hints.hinted(6);
    set(6);
    vi.advanceTimersByTime(5_000);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('a failed refresh is reported, and the next hint tries again', async () => {
    const { hints, refresh, failed } = refreshing(() => Promise.reject(new Error('down')));
    hints.hinted(6);
    await vi.advanceTimersByTimeAsync(1);
    expect(failed).toHaveBeenCalledOnce();
    hints.hinted(6);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(refresh).toHaveBeenCalledTimes(2);
  });

  it('hints cause no fetch after close()', () => {
    const { hints, refresh } = refreshing();
    hints.hinted(6);
    hints.close();
    hints.hinted(7);
    vi.advanceTimersByTime(5_000);
    expect(refresh).not.toHaveBeenCalled();
  });
});

describe('an incoming hint', () => {
  it('a hint is an object or its JSON', () => {
    const hint = { generation: 7, environment: 'production' };
    expect(hintIn(hint)).toEqual(hint);
    expect(hintIn(JSON.stringify({ ...hint, configs: ['ignored'] }))).toEqual(hint);
  });

  it.each([
    undefined,
    null,
    7,
    '7',
    'null',
    '{"generation":7',
    '{"generation":"7","environment":"production"}',
    '{"generation":1e300,"environment":"production"}',
    '{"generation":7.5,"environment":"production"}',
    '{"generation":7}',
    `{"generation":7,"environment":"${'x'.repeat(1_000)}"}`,
    [7],
  ])('%j is ignored', (received) => {
    expect(hintIn(received)).toBeUndefined();
  });

  it('a hint whose properties throw is ignored', () => {
    const hostile = {
      get generation(): number {
        throw new Error('hostile');
      },
    };
    expect(hintIn(hostile)).toBeUndefined();
  });
});
