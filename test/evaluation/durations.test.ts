import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../lib/evaluation/duration.js';

const DAY = 86_400_000;

describe('parseDuration', () => {
  it.each([
    ['PT0S', 0],
    ['PT1S', 1_000],
    ['PT90S', 90_000],
    ['PT1M', 60_000],
    ['PT90M', 5_400_000],
    ['PT1H', 3_600_000],
    ['PT1H30M', 5_400_000],
    ['PT1H2S', 3_602_000],
    ['P1D', DAY],
    ['P1DT1S', DAY + 1_000],
    ['P1DT2H3M4.5S', DAY + 2 * 3_600_000 + 3 * 60_000 + 4_500],
    ['P0D', 0],
    ['P007D', 7 * DAY],
    ['PT01H', 3_600_000],
    ['P36500D', 36_500 * DAY],
    ['PT876000H', 36_500 * DAY],
    ['P36499DT24H', 36_500 * DAY],
  ])('the duration %s is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each([
    ['PT0.0004S', 0],
    ['PT0.000499999S', 0],
    ['PT0.0005S', 1],
    ['PT1.005S', 1_005],
    ['PT1.0005S', 1_001],
    ['PT1.0015S', 1_002],
    ['PT2.675S', 2_675],
    ['PT0.999499999S', 999],
    ['PT0.9995S', 1_000],
    ['PT1.50S', 1_500],
    ['PT0.123456789S', 123],
    ['PT3153599999.9995S', 36_500 * DAY],
  ])('the duration %s is rounded to %d ms, half up by exact arithmetic', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    '',
    'P',
    'PT',
    'P1DT',
    'T1H',
    '1H',
    'PT1',
    'P1',
    'P1H',
    'PT1D',
    'PT1M1H',
    'PT1S1M',
    'PT1H1H',
    'P1W',
    'P1M',
    'P1Y',
    'P1Y2M3DT4H',
    'PT0.5H',
    'PT1.5M',
    'P0.5D',
    'PT.5S',
    'PT5.S',
    'PT1,5S',
    'PT1.0000000001S',
    'pt1s',
    'PT1s',
    ' PT1S',
    'PT1S ',
    'PT1S\n',
    'PT 1S',
    '-PT1S',
    '+PT1S',
    'PT-1S',
    'PT1e3S',
    'PT١S',
    '30s',
    '5m',
    '30',
    '00:30:00',
    'P36501D',
    'P36500DT1S',
    'P36500DT0.000000001S',
    'PT876000H1S',
    'P99999999999999999999D',
  ])('the string %j is a malformed duration', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );

  it.each([30, 0, true, null, undefined, ['PT1S'], {}])(
    'the value %j is a malformed duration',
    (stored) => {
      expect(parseDuration(stored)).toBeUndefined();
    },
  );

  it('a duration with millions of digits is refused, except for leading zeros', () => {
    expect(parseDuration(`PT${'9'.repeat(5_000_000)}S`)).toBeUndefined();
    expect(parseDuration(`PT${'0'.repeat(200)}1S`)).toBe(1_000);
  });
});
