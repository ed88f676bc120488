import { createCipheriv, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { QuonfigRead } from '../../lib/index.js';
import {
  config,
  constant,
  rule,
  serviceOf,
  setEnv,
  split,
  value,
  when,
} from '../support/configs.js';

const KEY = randomBytes(32).toString('hex');

function encrypted(text: string): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(KEY, 'hex'), iv);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return [sealed, iv, cipher.getAuthTag()].map((part) => part.toString('hex')).join('--');
}

const pro = when('PROP_IS_ONE_OF', 'user.plan', ['pro']);

describe('durations as strings', () => {
  it.each(['PT90S', 'P1DT6H2M1.5S', 'PT0.0S', 'P0D'])(
    'getDurationStringDetails returns %s as it is stored',
    async (stored) => {
      const service = await serviceOf([constant('hold', 'duration', stored)]);
      expect(service.getDurationStringDetails('hold')).toMatchObject({
        value: stored,
        reason: 'STATIC',
      });
    },
  );

  it('getDurationStringDetails evaluates rules, bound contexts and splits', async () => {
    const long = value('duration', 'PT2H');
    const variants = [{ weight: 1, value: value('duration', 'PT30M') }];
    const service = await serviceOf([
      config('hold', 'duration', [rule(long, pro), rule(split(variants, 'user.id'))]),
    ]);
    const forPro = service.withContext({ user: { plan: 'pro' } });
    expect(forPro.getDurationStringDetails('hold')).toMatchObject({
      value: 'PT2H',
      reason: 'TARGETING_MATCH',
    });
    expect(service.getDurationStringDetails('hold', { user: { id: 'u-1' } })).toMatchObject({
      value: 'PT30M',
      reason: 'SPLIT',
      variant: 'split:0',
    });
  });

  it('getDurationStringDetails returns the string of an environment variable, and follows it', async () => {
    const provided = value('provided', { lookup: 'QUONFIG_TEST_HOLD' });
    const service = await serviceOf([config('hold', 'duration', [rule(provided)])]);
    for (const string of ['PT1M', 'PT0060S']) {
      setEnv({ QUONFIG_TEST_HOLD: string });
      expect(service.getDurationStringDetails('hold').value).toBe(string);
    }
    for (const string of ['1 minute', undefined]) {
      setEnv({ QUONFIG_TEST_HOLD: string });
      expect(service.getDurationStringDetails('hold')).toMatchObject({
        value: undefined,
        errorCode: 'GENERAL',
      });
    }
  });

  it('getDurationStringDetails returns the string of an encrypted duration', async () => {
    const secret = value('duration', encrypted('PT45M'), {
      confidential: true,
      decryptWith: 'secret.key',
    });
    const service = await serviceOf([
      constant('secret.key', 'string', KEY),
      config('hold', 'duration', [rule(secret)]),
    ]);
    expect(service.getDurationStringDetails('hold').value).toBe('PT45M');
    expect(service.getDuration('hold')).toBe(2_700_000);
  });

  it('a duration that is stored as a number has no string', async () => {
    const service = await serviceOf([config('hold', 'duration', [rule(value('int', 5_000))])]);
    expect(service.getDuration('hold')).toBe(5_000);
    expect(service.getDurationStringDetails('hold')).toMatchObject({
      value: undefined,
      errorCode: 'TYPE_MISMATCH',
    });
  });

  it('a string that is not a duration is not returned', async () => {
    const service = await serviceOf([
      config('hold', 'duration', [rule(value('string', 'an hour'))]),
      config('fine', 'duration', [rule(value('string', 'PT1H'))]),
    ]);
    expect(service.getDurationStringDetails('hold')).toMatchObject({
      value: undefined,
      errorCode: 'TYPE_MISMATCH',
    });
    expect(service.getDurationStringDetails('fine').value).toBe('PT1H');
  });

  it('reads$ emits the string that the caller received', async () => {
    const service = await serviceOf([constant('hold', 'duration', 'PT90S')]);
    const reads: QuonfigRead[] = [];
    service.reads$.subscribe((read) => reads.push(read));
    service.getDurationStringDetails('hold');
    expect(reads.map(({ value: read }) => read)).toEqual(['PT90S']);
  });
});
