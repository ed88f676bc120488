import { describe, expect, it } from 'vitest';
import { PrefixedMurmur3 } from '../../lib/evaluation/murmur3.js';
import { PROPERTY_CHECKS } from '../../lib/evaluation/checks.js';
import { config, flagWhen, rule, serviceOf, split, value, when } from '../support/configs.js';

const HIGH = '\ud83d';
const LOW = '\ude00';
const PAIR = HIGH + LOW;
const STRINGS = [HIGH, LOW, LOW + HIGH, `a${HIGH}`, `${LOW}a`, HIGH + HIGH + LOW, `${PAIR}${HIGH}`];

describe('strings with lone surrogates', () => {
  it.each([...PROPERTY_CHECKS.keys()])('%s does not fail on lone surrogates', async (operator) => {
    for (const match of STRINGS) {
      const matches = operator.endsWith('_ONE_OF') ? STRINGS : match;
      const service = await serviceOf([flagWhen('flag', when(operator, 'user.it', matches))]);
      for (const tested of [...STRINGS, STRINGS]) {
        const contexts = { user: { it: tested } };
        expect([true, false]).toContain(service.get('flag', contexts));
        expect([true, false]).toContain(service.withContext(contexts).get('flag'));
        expect(service.explain('flag', contexts).outcome.errorCode).toBeUndefined();
      }
    }
  });

  it('a pattern treats a lone surrogate as one character, and a pair as one', async () => {
    const service = await serviceOf([flagWhen('one', when('PROP_MATCHES', 'user.it', '^.$'))]);
    for (const tested of [HIGH, LOW, PAIR])
      expect(service.isEnabled('one', { user: { it: tested } })).toBe(true);
    expect(service.isEnabled('one', { user: { it: LOW + HIGH } })).toBe(false);
  });

  it('a lone surrogate hashes like U+FFFD, and the two halves of a pair join', () => {
    const hash = (prefix: string, string: string) => new PrefixedMurmur3(prefix).hashOf(string);
    expect(hash('key', HIGH)).toBe(hash('key', '\ufffd'));
    expect(hash(HIGH, 'key')).toBe(hash('\ufffd', 'key'));
    expect(hash(HIGH, LOW)).toBe(hash('', PAIR));
    for (const string of STRINGS) {
      expect(hash('key', string)).toBe(hash('key', string.toWellFormed()));
      expect(hash('', string)).toBe(hash('', string.toWellFormed()));
    }
  });

  it('splits, keys and values with lone surrogates are read', async () => {
    const variants = [
      { weight: 1, value: value('string', HIGH) },
      { weight: 1, value: value('string', LOW) },
    ];
    const service = await serviceOf([
      config(HIGH, 'string', [rule(split(variants, `user.${LOW}`))]),
    ]);
    for (const string of STRINGS) {
      const variant = service.get(HIGH, { user: { [LOW]: string } });
      expect([HIGH, LOW]).toContain(variant);
      expect(service.get(HIGH, { user: { [LOW]: string } })).toBe(variant);
    }
    expect(service.keys()).toEqual([HIGH]);
  });

  it('explain shows well-formed strings, and never splits a surrogate pair', async () => {
    const service = await serviceOf([
      flagWhen('flag', when('PROP_IS_ONE_OF', 'user.it', ['x'])),
      config('split', 'string', [
        rule(split([{ weight: 1, value: value('string', 'a') }], 'user.it')),
      ]),
    ]);
    const long = 'x'.repeat(499) + PAIR.repeat(10);
    for (const tested of [...STRINGS, long, [HIGH, long]]) {
      for (const key of service.keys()) {
        const { criteria, weight } = service.explain(key, { user: { it: tested } }).rules[0]!;
        const seen = [criteria[0]?.seen ?? weight?.seen].flat() as string[];
        for (const shown of seen) expect(shown.isWellFormed(), JSON.stringify(shown)).toBe(true);
      }
    }
    const seen = service.explain('flag', { user: { it: long } }).rules[0]!.criteria[0]!.seen;
    expect(seen).toBe('x'.repeat(499));
  });

  it('messages show names with lone surrogates as well-formed strings', async () => {
    const service = await serviceOf([]);
    for (const key of [...STRINGS, 'x'.repeat(199) + PAIR]) {
      expect(() => service.get(key)).toThrow(
        expect.objectContaining({ message: expect.toSatisfy(isWellFormed) }),
      );
    }
  });
});

function isWellFormed(message: string): boolean {
  return message.isWellFormed() && !/\\ud[89a-f]/i.test(message);
}
