import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../../lib/requests/index.js';
import { reconnectDelay } from '../../../lib/sources/stream/reconnect-delay.js';

describe('The wait before the next attempt', () => {
  it('doubles from 500 ms up to 30 s', () => {
    const waits = [0, 1, 2, 3, 4, 5, 6, 7, 5_000].map((failures) => reconnectDelay(failures, 0.5));
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('is spread by at most 20 % to both sides', () => {
    expect(reconnectDelay(1, 0)).toBe(800);
    expect(reconnectDelay(1, 1)).toBe(1_200);
  });

  it('stays in bounds whatever the source of chance gives', () => {
    for (const random of [Number.NaN, Infinity, -7, 99]) {
      const wait = reconnectDelay(0, random);
      expect(wait).toBeGreaterThanOrEqual(400);
      expect(wait).toBeLessThanOrEqual(600);
    }
  });

  it('is what the server asks for when that is longer, up to 30 s', () => {
    expect(reconnectDelay(0, 0.5, 7_000)).toBe(7_000);
    expect(reconnectDelay(0, 0.5, 100)).toBe(500);
    expect(reconnectDelay(0, 0.5, 3_600_000)).toBe(30_000);
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
  ])('%j asks for %i ms', (header, ms) => {
    expect(retryAfterMs(header, now)).toBe(ms);
  });
});
