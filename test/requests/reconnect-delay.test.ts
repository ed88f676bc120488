import { describe, expect, it } from 'vitest';
import { reconnectDelay, retryAfterMs } from '../../lib/requests/index.js';

const middle = (): number => 0.5;

describe('reconnectDelay', () => {
  it('the delay doubles from 500 ms to 30 s', () => {
    const delays = [0, 1, 2, 3, 4, 5, 6, 7, 5_000].map((failures) =>
      reconnectDelay(failures, middle),
    );
    expect(delays).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('the delay has a jitter of at most 20%', () => {
    expect(reconnectDelay(1, () => 0)).toBe(800);
    expect(reconnectDelay(1, () => 1)).toBe(1_200);
  });

  it('the delay stays in bounds whatever the random option returns', () => {
    for (const random of [Number.NaN, Infinity, -7, 99]) {
      const delay = reconnectDelay(0, () => random);
      expect(delay).toBeGreaterThanOrEqual(400);
      expect(delay).toBeLessThanOrEqual(600);
    }
  });

  it('the delay has no jitter when the random option throws', () => {
    const throwing = (): number => {
      throw new Error('no entropy');
    };
    expect(reconnectDelay(0, throwing)).toBe(500);
  });

  it('the delay honors a longer Retry-After, up to 30 s', () => {
    expect(reconnectDelay(0, middle, 7_000)).toBe(7_000);
    expect(reconnectDelay(0, middle, 100)).toBe(500);
    expect(reconnectDelay(0, middle, 3_600_000)).toBe(30_000);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-01-02T03:04:05Z');

  it.each([
    ['7', 7_000],
    [' 0 ', 0],
    ['Fri, 02 Jan 2026 03:04:25 GMT', 20_000],
    ['Fri, 02 Jan 2026 03:00:00 GMT', 0],
    ['soon', 0],
    ['-5', 0],
    ['', 0],
    [null, 0],
  ])('Retry-After %j means %i ms', (header, ms) => {
    expect(retryAfterMs(header, now)).toBe(ms);
  });
});
