import { describe, expect, it } from 'vitest';
import { parseDate } from '../../lib/evaluation/date.js';
import { flagWhen, serviceOf, setEnv, when } from '../support/configs.js';

const NOON = Date.UTC(2026, 0, 15, 12);

async function results(
  match: unknown,
  seen: unknown,
): Promise<{ before: boolean; after: boolean }> {
  const service = await serviceOf([
    flagWhen('before', when('PROP_BEFORE', 'user.at', match)),
    flagWhen('after', when('PROP_AFTER', 'user.at', match)),
  ]);
  const contexts = { user: { at: seen } };
  return {
    before: service.isEnabled('before', contexts),
    after: service.isEnabled('after', contexts),
  };
}

const EARLIER = { before: true, after: false };
const LATER = { before: false, after: true };
const NEITHER = { before: false, after: false };

describe('PROP_BEFORE and PROP_AFTER', () => {
  it.each([
    [NOON, NOON - 1, EARLIER],
    [NOON, NOON + 1, LATER],
    [NOON, NOON, NEITHER],
    ['2026-01-15T12:00:00Z', NOON - 1, EARLIER],
    [NOON, '2026-01-15T12:00:00Z', NEITHER],
    [NOON, '2026-01-15T12:00:00.001Z', LATER],
    ['2026-01-15T13:00:00+01:00', '2026-01-15T12:00:00Z', NEITHER],
    ['2026-01-15T13:00:00+01:00', '2026-01-15T11:59:59Z', EARLIER],
    [String(NOON), '2026-01-16', LATER],
    ['2026-01-15', '2026-01-14', EARLIER],
    [NOON, new Date(NOON + 1), LATER],
  ])(
    'PROP_BEFORE and PROP_AFTER compare the match %j with the value %j',
    async (match, seen, expected) => {
      expect(await results(match, seen)).toEqual(expected);
    },
  );

  it.each([
    'yesterday',
    '',
    ' ',
    '5 apples',
    '2026-02-30',
    '2026-13-01',
    '2026-01-15T25:00:00Z',
    '-5',
    '1.5',
    '15/01/2026',
    'Thu, 15 Jan 2026 12:00:00 GMT',
    Number.NaN,
    true,
    null,
    [NOON],
    {},
  ])('PROP_BEFORE and PROP_AFTER are false if the value or the match is %j', async (unreadable) => {
    expect(await results(NOON, unreadable)).toEqual(NEITHER);
    expect(await results(unreadable, 0)).toEqual(NEITHER);
    expect(await results(unreadable, NOON * 2)).toEqual(NEITHER);
  });

  it('PROP_BEFORE and PROP_AFTER are false without a property or a match', async () => {
    expect(await results(NOON, undefined)).toEqual(NEITHER);
    expect(await results(undefined, NOON)).toEqual(NEITHER);
  });
});

describe('parseDate', () => {
  it.each([
    ['2026-01-15T12:00:00Z', NOON],
    ['2026-01-15t12:00:00z', NOON],
    ['2026-01-15 12:00:00Z', NOON],
    ['2026-01-15T12:00:00.000000001Z', NOON + 1e-6],
    ['2026-01-15T10:30:00-01:30', NOON],
    ['2026-01-15T10:30:00-0130', NOON],
    ['1969-12-31T23:59:59.999Z', -1],
    ['0050-01-01T00:00:00Z', -60589296000000],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['2026-12-31T23:59:60Z', Date.UTC(2027, 0, 1)],
    ['1768478400000', 1768478400000],
    ['5', 5],
    [0, 0],
  ])('parseDate accepts %j', (text, expected) => {
    expect(parseDate(text)).toBeCloseTo(expected, 3);
  });

  it.each(['America/New_York', 'Asia/Kathmandu'])(
    'a date without a time zone is UTC, even in %s',
    (zone) => {
      setEnv({ TZ: zone });
      expect(new Date(NOON).getTimezoneOffset()).not.toBe(0);
      expect(parseDate('2026-01-15T12:00:00')).toBe(NOON);
      expect(parseDate('2026-01-15T12:00')).toBe(NOON);
      expect(parseDate('2026-01-15')).toBe(NOON - 12 * 3_600_000);
    },
  );

  it('parseDate is exact for every millisecond near the epoch', () => {
    for (let ms = 0; ms < 1000; ms++) {
      const text = String(ms).padStart(3, '0');
      expect(parseDate(`1970-01-01T00:00:00.${text}Z`)).toBe(ms);
    }
  });

  it.each(['2023-02-29', '2026-00-10', '2026-01-00', '2026-01-15T12:60:00Z', '2026-01-15T12'])(
    'parseDate refuses %j',
    (text) => expect(parseDate(text)).toBeUndefined(),
  );

  it('parseDate refuses strings that are too long', () => {
    expect(parseDate('1'.repeat(17))).toBeUndefined();
    expect(parseDate(`2026-01-15T12:00:00.${'0'.repeat(1_000_000)}Z`)).toBeUndefined();
  });
});
