import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FreezeWatch } from '../../lib/sources/freeze-watch.js';

const woke = vi.fn<(frozenMs: number) => void>();
let watch: FreezeWatch;

/** The wall clock goes on while no timer runs. */
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

describe('The watch for a frozen process', () => {
  it('tells once, soon after the process is awake, how long it stood still', () => {
    watch.start();
    freeze(600_000);
    vi.advanceTimersByTime(5_000);
    expect(woke.mock.calls).toEqual([[600_000]]);
    vi.advanceTimersByTime(600_000);
    expect(woke).toHaveBeenCalledTimes(1);
  });

  it('takes a process that runs, or is held up by work for some seconds, for none that stood still', () => {
    watch.start();
    vi.advanceTimersByTime(600_000);
    freeze(20_000);
    vi.advanceTimersByTime(60_000);
    expect(woke).not.toHaveBeenCalled();
  });

  it('is not misled by a wall clock that is set back', () => {
    watch.start();
    freeze(-600_000);
    vi.advanceTimersByTime(60_000);
    expect(woke).not.toHaveBeenCalled();
  });

  it('tells nothing of a time in which it was stopped, and leaves no timer', () => {
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
