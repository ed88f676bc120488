import { describe, expect, it } from 'vitest';
import type { QuonfigService } from '../../lib/index.js';
import { config, constant, rule, serviceOf, thrownBy, value } from '../support/configs.js';

type Getter =
  | 'get'
  | 'getString'
  | 'getNumber'
  | 'getBool'
  | 'getStringList'
  | 'getDuration'
  | 'getJSON'
  | 'isEnabled';

const UNFIT = Symbol('a coercion error');

const configs = [
  constant('true', 'bool', true),
  constant('false', 'bool', false),
  constant('int', 'int', 42),
  constant('zero', 'int', 0),
  constant('double', 'double', 1.5),
  constant('text', 'string', 'text'),
  constant('text-true', 'string', 'true'),
  constant('text-TRUE', 'string', 'TRUE'),
  constant('text-false', 'string', 'false'),
  constant('text-number', 'string', ' 12 '),
  constant('text-almost', 'string', '12abc'),
  constant('text-duration', 'string', 'PT2S'),
  constant('empty', 'string', ''),
  constant('list', 'string_list', ['a', 'b']),
  constant('empty-list', 'string_list', []),
  constant('json', 'json', { a: 1 }),
  constant('json-list', 'json', [1, 'b', null, true]),
  constant('null', 'json', null),
  constant('duration', 'duration', 'PT1.5S'),
  constant('level', 'log_level', 'WARN'),
  constant('level-number', 'log_level', 5),
];

function read(service: QuonfigService, getter: Getter, key: string): unknown {
  try {
    return service[getter as 'get'](key);
  } catch (error) {
    if ((error as { code?: string }).code === 'unable_to_coerce_env_var') return UNFIT;
    throw error;
  }
}

describe('getters on every type of config', () => {
  it.each<[string, Record<Getter, unknown>]>([
    ['true', row(true, 'true', 1, true, undefined, UNFIT, true, true)],
    ['false', row(false, 'false', 0, false, undefined, UNFIT, false, false)],
    ['int', row(42, '42', 42, true, undefined, 42, 42, false)],
    ['zero', row(0, '0', 0, false, undefined, 0, 0, false)],
    ['double', row(1.5, '1.5', 1.5, true, undefined, 1.5, 1.5, false)],
    ['text', row('text', 'text', UNFIT, false, undefined, UNFIT, 'text', false)],
    ['text-true', row('true', 'true', UNFIT, true, undefined, UNFIT, 'true', true)],
    ['text-TRUE', row('TRUE', 'TRUE', UNFIT, true, undefined, UNFIT, 'TRUE', false)],
    ['text-false', row('false', 'false', UNFIT, false, undefined, UNFIT, 'false', false)],
    ['text-number', row(' 12 ', ' 12 ', 12, false, undefined, UNFIT, ' 12 ', false)],
    ['text-almost', row('12abc', '12abc', UNFIT, false, undefined, UNFIT, '12abc', false)],
    ['text-duration', row('PT2S', 'PT2S', UNFIT, false, undefined, 2000, 'PT2S', false)],
    ['empty', row('', '', UNFIT, false, undefined, UNFIT, '', false)],
    ['list', row(['a', 'b'], 'a,b', UNFIT, true, ['a', 'b'], UNFIT, ['a', 'b'], false)],
    ['empty-list', row([], '', UNFIT, true, [], UNFIT, [], false)],
    ['json', row({ a: 1 }, '{"a":1}', UNFIT, true, undefined, UNFIT, { a: 1 }, false)],
    [
      'json-list',
      row(
        [1, 'b', null, true],
        '1,b,,true',
        UNFIT,
        true,
        ['1', 'b', 'null', 'true'],
        UNFIT,
        [1, 'b', null, true],
        false,
      ),
    ],
    ['null', row(null, 'null', UNFIT, false, undefined, UNFIT, null, false)],
    ['duration', row(1500, '1500', 1500, true, undefined, 1500, 1500, false)],
    ['level', row('WARN', 'WARN', UNFIT, false, undefined, UNFIT, 'WARN', false)],
    ['level-number', row(5, '5', 5, true, undefined, 5, 5, false)],
  ])('every getter converts or refuses the value of config "%s"', async (key, expected) => {
    const service = await serviceOf(configs);
    for (const [getter, wanted] of Object.entries(expected)) {
      expect(read(service, getter as Getter, key), getter).toEqual(wanted);
    }
  });

  it('keys() returns the key of every config', async () => {
    expect((await serviceOf(configs)).keys()).toEqual(configs.map(({ key }) => key));
  });

  function row(
    get: unknown,
    getString: unknown,
    getNumber: unknown,
    getBool: unknown,
    getStringList: unknown,
    getDuration: unknown,
    getJSON: unknown,
    isEnabled: unknown,
  ): Record<Getter, unknown> {
    return { get, getString, getNumber, getBool, getStringList, getDuration, getJSON, isEnabled };
  }
});

describe('getters', () => {
  it('a getter ignores the default if there is a value, even a false or empty one', async () => {
    const service = await serviceOf(configs);
    expect(service.get('false', undefined, true)).toBe(false);
    expect(service.getBool('false', undefined, true)).toBe(false);
    expect(service.getNumber('zero', undefined, 5)).toBe(0);
    expect(service.getString('empty', undefined, 'x')).toBe('');
    expect(service.getStringList('empty-list', undefined, ['x'])).toEqual([]);
    expect(service.get('null', undefined, 'x')).toBeNull();
    expect(service.getJSON('null', undefined, 'x')).toBeNull();
  });

  it('getStringList returns the default for a value that is not a list', async () => {
    const service = await serviceOf(configs);
    expect(service.getStringList('text', undefined, ['x'])).toEqual(['x']);
  });

  it('a getter throws for a value of the wrong type, even with a default, and its error never quotes the value', async () => {
    const service = await serviceOf([constant('secretive', 'string', 'pl4in-text')], {
      onNoDefault: 'ignore',
    });
    for (const error of [
      thrownBy(() => service.getNumber('secretive', undefined, 5)),
      thrownBy(() => service.getDuration('secretive', undefined, 5)),
    ]) {
      expect(error).toMatchObject({ code: 'unable_to_coerce_env_var' });
      expect((error as Error).message).toContain('"secretive"');
      expect((error as Error).message).not.toContain('pl4in-text');
    }
  });

  it('getStringList returns frozen lists, even from JSON configs', async () => {
    const service = await serviceOf(configs);
    for (const key of ['list', 'json-list']) {
      expect(Object.isFrozen(service.getStringList(key))).toBe(true);
    }
    expect(service.getStringList('list')).toBe(service.get('list'));
  });

  it('getDuration returns whole milliseconds for stored and provided durations', async () => {
    process.env['QUONFIG_TEST_DURATION'] = 'PT1.0005S';
    try {
      const service = await serviceOf([
        constant('stored', 'duration', 'PT1.0005S'),
        config('provided', 'duration', [
          rule(value('provided', { lookup: 'QUONFIG_TEST_DURATION' })),
        ]),
      ]);
      for (const key of ['stored', 'provided']) {
        expect(service.get(key)).toBe(1001);
        expect(service.getNumber(key)).toBe(1001);
        expect(service.getDuration(key)).toBe(1001);
        expect(service.getDurationDetails(key).value).toBe(1001);
        expect(service.getNumberDetails(key).value).toBe(1001);
      }
    } finally {
      delete process.env['QUONFIG_TEST_DURATION'];
    }
  });
});
