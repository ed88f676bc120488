import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ReloadSchedule } from '../../../lib/sources/datadir/reload-schedule.js';

describe('ReloadSchedule', () => {
  const failed = vi.fn();
  const reload = vi.fn<() => Promise<void>>();
  let schedule: ReloadSchedule;

  beforeEach(() => {
    vi.useFakeTimers();
    failed.mockReset();
    reload.mockReset().mockResolvedValue();
    schedule = new ReloadSchedule(200, reload, failed);
  });

  afterEach(() => {
    schedule.cancel();
    vi.useRealTimers();
  });

  /** Requests `count` reloads, `gapMs` apart, starting now. */
  async function requests(count: number, gapMs: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      if (i > 0) await vi.advanceTimersByTimeAsync(gapMs);
      schedule.request();
    }
  }

  it('the schedule reloads once per burst, after the debounce time', async () => {
    await requests(5, 150);

    await vi.advanceTimersByTimeAsync(199);
    expect(reload).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(reload).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(reload).toHaveBeenCalledTimes(1);
  });

  it('the schedule reloads once for each of two bursts', async () => {
    await requests(2, 100);
    await vi.advanceTimersByTimeAsync(200);
    await requests(2, 100);
    await vi.advanceTimersByTimeAsync(200);

    expect(reload).toHaveBeenCalledTimes(2);
  });

  it('the schedule reloads 2 s after the first change if changes continue', async () => {
    await requests(20, 100);
    await vi.advanceTimersByTimeAsync(99);
    expect(reload).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(reload).toHaveBeenCalledTimes(1);

    await requests(20, 100);
    await vi.advanceTimersByTimeAsync(100);
    expect(reload).toHaveBeenCalledTimes(2);
  });

  it('the schedule reloads within 2 s even if the debounce time is longer', async () => {
    schedule = new ReloadSchedule(60_000, reload, failed);

    schedule.request();
    await vi.advanceTimersByTimeAsync(2_000);

    expect(reload).toHaveBeenCalledTimes(1);
  });

  it('the schedule waits at least 60 ms even if the debounce time is shorter', async () => {
    schedule = new ReloadSchedule(0, reload, failed);

    schedule.request();
    await vi.advanceTimersByTimeAsync(50);
    expect(reload).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(50);
    expect(reload).toHaveBeenCalledTimes(1);
  });

  it('reloads never overlap, and a change during a reload causes another reload', async () => {
    let finish = (): void => {};
    reload.mockImplementation(() => new Promise((resolve) => (finish = resolve)));
    schedule.request();
    await vi.advanceTimersByTimeAsync(200);
    expect(reload).toHaveBeenCalledTimes(1);

    await requests(3, 300);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(reload).toHaveBeenCalledTimes(1);

    finish();
    await vi.advanceTimersByTimeAsync(0);
    expect(reload).toHaveBeenCalledTimes(2);
    finish();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(reload).toHaveBeenCalledTimes(2);
  });

  it('the schedule reports a failed reload and continues', async () => {
    reload.mockRejectedValueOnce(new Error('broken'));
    schedule.request();
    await vi.advanceTimersByTimeAsync(200);
    expect(failed).toHaveBeenCalledExactlyOnceWith(new Error('broken'));

    reload.mockImplementationOnce(() => {
      throw new Error('broken at once');
    });
    schedule.request();
    await vi.advanceTimersByTimeAsync(200);
    expect(failed).toHaveBeenLastCalledWith(new Error('broken at once'));

    schedule.request();
    await vi.advanceTimersByTimeAsync(200);
    expect(reload).toHaveBeenCalledTimes(3);
    expect(failed).toHaveBeenCalledTimes(2);
  });

  it('a canceled schedule drops pending reloads and accepts no more', async () => {
    schedule.request();
    schedule.cancel();
    schedule.request();
    await vi.advanceTimersByTimeAsync(10_000);

    expect(reload).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a schedule canceled during a reload does not report its failure or reload again', async () => {
    let fail = (_error: Error): void => {};
    reload.mockImplementation(() => new Promise((_resolve, reject) => (fail = reject)));
    schedule.request();
    await vi.advanceTimersByTimeAsync(200);
    schedule.request();
    await vi.advanceTimersByTimeAsync(200);

    schedule.cancel();
    fail(new Error('broken'));
    await vi.advanceTimersByTimeAsync(10_000);

    expect(reload).toHaveBeenCalledTimes(1);
    expect(failed).not.toHaveBeenCalled();
  });
});
