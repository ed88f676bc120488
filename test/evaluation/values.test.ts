import { describe, expect, it } from 'vitest';
import type { RuleValueType, ValueType } from '../../lib/index.js';
import { config, rule, serviceOf, thrownBy, value } from '../support/configs.js';

async function reading(stored: unknown, type: RuleValueType, valueType = type as ValueType) {
  return serviceOf([config('it', valueType, [rule(value(type, stored))])]);
}

describe('a stored value', () => {
  it.each([
    ['bool', true, true],
    ['bool', false, false],
    ['bool', 'true', true],
    ['bool', 'false', false],
    ['bool', 0, false],
    ['bool', 1, true],
    ['int', 42, 42],
    ['int', '42', 42],
    ['int', ' -42 ', -42],
    ['int', '+42', 42],
    ['int', '-042', -42],
    ['int', '9007199254740991', Number.MAX_SAFE_INTEGER],
    ['int', -9007199254740991, Number.MIN_SAFE_INTEGER],
    ['double', 1e300, 1e300],
    ['double', '9007199254740994', 9007199254740994],
    ['double', 1.5, 1.5],
    ['double', '1.5e3', 1500],
    ['string', 'text', 'text'],
    ['string', '', ''],
    ['string', 12, '12'],
    ['string', true, 'true'],
    ['string', { a: 1 }, '{"a":1}'],
    ['string_list', ['a', 'b'], ['a', 'b']],
    ['string_list', [1, true], ['1', 'true']],
    ['string_list', [], []],
    ['string_list', 'a,b', []],
    ['json', { a: [1, { b: null }] }, { a: [1, { b: null }] }],
    ['json', [1, 2], [1, 2]],
    ['json', 5, 5],
    ['json', false, false],
    ['json', null, null],
    ['log_level', 'DEBUG', 'DEBUG'],
    ['log_level', 5, 5],
    ['duration', 'PT1.5S', 1500],
  ] as const)('a stored %s with the content %j is read as %j', async (type, stored, expected) => {
    expect((await reading(stored, type)).get('it')).toEqual(expected);
  });

  it.each([
    ['int', '12abc'],
    ['int', '1.5'],
    ['int', 1.5],
    ['int', '1e3'],
    ['int', '9007199254740992'],
    ['int', '9007199254740993'],
    ['int', '-9007199254740993'],
    ['int', 9007199254740992],
    ['int', -1e300],
    ['int', 'abc'],
    ['int', ''],
    ['int', true],
    ['int', [1]],
    ['double', 'NaN'],
    ['double', 'Infinity'],
    ['double', {}],
    ['json', '{"a":1}'],
    ['json', 'text'],
    ['duration', 30],
    ['duration', '30s'],
  ] as const)('a stored %s refuses %j without quoting it', async (type, stored) => {
    const service = await reading(stored, type);
    const thrown = thrownBy(() => service.get('it')) as Error;
    expect(thrown).toMatchObject({ code: 'unable_to_coerce_env_var' });
    expect(thrown.message).not.toContain(JSON.stringify(stored));
  });

  it.each([
    ['string', null],
    ['bool', null],
    ['string_list', undefined],
    ['schema', { a: 1 }],
    ['not_set_value_type', 'x'],
    ['', 'x'],
  ])(
    'a stored value of type %j with the content %j makes the config invalid',
    async (type, stored) => {
      const service = await reading(stored, type as RuleValueType, 'string');
      expect(thrownBy(() => service.get('it'))).toMatchObject({ code: 'invalid_config' });
    },
  );

  it('a stored int that is refused names its key and the range of integers', async () => {
    const service = await reading('9007199254740993', 'int');
    const error = thrownBy(() => service.get('it')) as Error;
    expect(error.message).toContain('config "it"');
    expect(error.message).toContain('from -(2^53 - 1) to 2^53 - 1');
  });

  it('a stored value is read by the type of the rule value, even if the config declares another', async () => {
    const service = await reading('PT1S', 'duration', 'int');
    expect(service.get('it')).toBe(1_000);
  });
});

describe('returned values', () => {
  it('returned JSON and lists are deeply frozen', async () => {
    const json = (await reading({ a: [{ b: {} }] }, 'json')).getJSON<{ a: [{ b: object }] }>('it');
    for (const part of [json, json.a, json.a[0], json.a[0].b]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    expect(() => {
      json.a[0].b = { changed: true };
    }).toThrow(TypeError);
    const list = (await reading(['a'], 'string_list')).getStringList('it');
    expect(() => (list as string[]).push('b')).toThrow(TypeError);
  });

  it('every read returns the same object without copying', async () => {
    const service = await reading({ a: 1 }, 'json');
    expect(service.getJSON('it')).toBe(service.get('it'));
  });

  it('a returned value may be nested a thousand levels deep', async () => {
    let nested: unknown[] = [];
    for (let depth = 0; depth < 1_000; depth++) nested = [nested];
    const service = await reading(nested, 'json');
    expect(service.getJSON('it')).toEqual(nested);
  });
});
