import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../lib/requests/index.js';

const zone = process.env['TZ'];
beforeEach(() => void (process.env['TZ'] = 'America/New_York'));
afterEach(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

describe('Retry-After', () => {
  const now = Date.parse('1994-11-06T08:49:07Z');

  it.each([
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Sunday, 06-Nov-94 08:49:37 GMT',
    'Sun Nov  6 08:49:37 1994',
    '30',
    '030',
  ])('Retry-After %j means 30 s in every time zone', (header) => {
    expect(retryAfterMs(header, now)).toBe(30_000);
  });

  it.each([
    'soon 2050',
    'in 5 minutes, 2050',
    '2050-01-01T00:00:00Z',
    'Sun, 06 Nov 2050 08:49:37',
    'Sun, 06 Nov 2050 08:49:37 CET',
    'Sun, 06 Nov 2050 08:49:37 GMT, 120',
    'Sun, 6 Nov 2050 08:49:37 GMT',
    'Sun, 06 Now 2050 08:49:37 GMT',
    'Sun, 06 Nov 2050 25:61:61 GMT',
    '1.5',
    '1e9',
    '+30',
    '0x10',
  ])('Retry-After %j is ignored', (header) => {
    expect(retryAfterMs(header, now)).toBe(0);
  });
});
