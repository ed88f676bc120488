import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FreezeWatch } from '../../lib/sources/freeze-watch.js';

const woke = vi.fn<(frozenMs: number) => void>();
let watch: FreezeWatch;

/** Advances the wall clock without running timers. */
function freeze(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
}

beforeEach(() => {
  vi.useFakeTimers();
  woke.mockClear();
  watch = new FreezeWatch(woke);
});

afterEach(() => {
  watch.stop();
  vi.useRealTimers();
});

describe('FreezeWatch', () => {
  it('the watch reports once how long the process was frozen', () => {
    watch.start();
    freeze(600_000);
    vi.advanceTimersByTime(5_000);
    expect(woke.mock.calls).toEqual([[600_000]]);
    vi.advanceTimersByTime(600_000);
    expect(woke).toHaveBeenCalledTimes(1);
  });

  it('the watch ignores a running process and one that is blocked for a few seconds', () => {
    watch.start();
    vi.advanceTimersByTime(600_000);
    freeze(20_000);
    vi.advanceTimersByTime(60_000);
    expect(woke).not.toHaveBeenCalled();
  });

  it('the watch ignores a wall clock that is set back', () => {
    watch.start();
    freeze(-600_000);
    vi.advanceTimersByTime(60_000);
    expect(woke).not.toHaveBeenCalled();
  });

  it('the watch ignores the time during which it was stopped, and leaves no timer behind', () => {
    watch.start();
    watch.stop();
    expect(vi.getTimerCount()).toBe(0);
    freeze(600_000);
    watch.start();
    watch.start();
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(60_000);
    expect(woke).not.toHaveBeenCalled();
  });
});
