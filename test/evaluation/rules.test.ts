import { describe, expect, it } from 'vitest';
import type { Config, Rule } from '../../lib/index.js';
import {
  always,
  config,
  constant,
  envelope,
  inSegment,
  rule,
  segment,
  serviceOf,
  thrownBy,
  value,
  when,
} from '../support/configs.js';

const pro = when('PROP_IS_ONE_OF', 'user.plan', ['pro']);
const german = when('PROP_IS_ONE_OF', 'user.country', ['de']);
const PRO = { user: { plan: 'pro' } };
const GERMAN_PRO = { user: { plan: 'pro', country: 'de' } };

function text(stored: string): Rule['value'] {
  return value('string', stored);
}

function withEnvironment(id: string, rules: Rule[], defaults: Rule[]): Config {
  return { ...config('it', 'string', defaults), environment: { id, rules } };
}

describe('the rules of a config', () => {
  it('are tried from top to bottom, and the first that matches wins', async () => {
    const service = await serviceOf([
      config('it', 'string', [
        rule(text('german pro'), german, pro),
        rule(text('pro'), pro),
        rule(text('others')),
        rule(text('never')),
      ]),
    ]);
    expect(service.get('it', GERMAN_PRO)).toBe('german pro');
    expect(service.get('it', PRO)).toBe('pro');
    expect(service.get('it')).toBe('others');
  });

  it('match only when all criteria hold', async () => {
    const service = await serviceOf([config('it', 'string', [rule(text('both'), german, pro)])]);
    expect(service.get('it', GERMAN_PRO, 'default')).toBe('both');
    expect(service.get('it', PRO, 'default')).toBe('default');
    expect(service.get('it', { user: { country: 'de' } }, 'default')).toBe('default');
  });

  it('of the environment come first, the default ones when none of them matches', async () => {
    const configs = [
      withEnvironment('production', [rule(text('env pro'), pro)], [rule(text('default'))]),
    ];
    const service = await serviceOf(configs);
    expect(service.get('it', PRO)).toBe('env pro');
    expect(service.get('it')).toBe('default');
  });

  it('of another environment, or of none, do not count', async () => {
    for (const [id, environment] of [
      ['staging', 'production'],
      ['', ''],
    ] as const) {
      const configs = [withEnvironment(id, [rule(text('env'))], [rule(text('default'))])];
      const datafile = envelope(configs, { environment });
      expect((await serviceOf([], { datafile })).get('it')).toBe('default');
    }
    const { environment: _, ...meta } = envelope([]).meta;
    const configs = [withEnvironment('production', [rule(text('env'))], [rule(text('default'))])];
    const service = await serviceOf([], { datafile: { configs, meta } });
    expect(service.get('it')).toBe('default');
  });

  it.each([
    ['without criteria', { value: text('all') }],
    ['with criteria null', { criteria: null, value: text('all') }],
    ['with no criterion in the list', { criteria: [], value: text('all') }],
    ['with ALWAYS_TRUE', { criteria: [always], value: text('all') }],
    ['with fields from a later time', { criteria: [always], value: text('all'), weight: 5 }],
  ])('%s match everybody', async (_, written) => {
    const service = await serviceOf([config('it', 'string', [written])]);
    expect(service.get('it')).toBe('all');
    expect(service.get('it', PRO)).toBe('all');
  });

  it.each([
    ['default missing', { default: undefined }],
    ['default null', { default: null }],
    ['rules null', { default: { rules: null } }],
    ['rules missing', { default: {} }],
    ['environment null', { default: { rules: [] }, environment: null }],
    ['rules of the environment null', { environment: { id: 'production', rules: null } }],
  ])('read as empty: %s', async (_, parts) => {
    const service = await serviceOf([{ ...constant('it', 'string', ''), default: null, ...parts }]);
    expect(service.get('it', undefined, 'default')).toBe('default');
    expect(service.keys()).toEqual(['it']);
  });
});

describe('a config that is written wrongly is an error of its own, and others work', () => {
  it.each([
    ['a rule that is a text', ['x']],
    ['a rule that is null', [null]],
    ['a rule without a value', [{ criteria: [] }]],
    ['a rule whose value has no type', [{ criteria: [], value: { value: 1 } }]],
    ['a rule whose value is a text', [{ criteria: [], value: 'x' }]],
    ['criteria that are an object', [{ criteria: {}, value: text('x') }]],
    ['a criterion that is a text', [{ criteria: ['ALWAYS_TRUE'], value: text('x') }]],
    ['a criterion without operator', [{ criteria: [{}], value: text('x') }]],
    ['a property name that is a number', [rule(text('x'), { ...pro, propertyName: 5 as never })]],
    ['a match that is a text', [rule(text('x'), { ...pro, valueToMatch: 'x' as never })]],
  ])('%s', async (_, rules) => {
    const service = await serviceOf([
      config('wrong', 'string', rules as Rule[]),
      constant('right', 'string', 'works'),
    ]);
    for (let round = 0; round < 2; round++) {
      const error = thrownBy(() => service.get('wrong', PRO, 'default')) as Error;
      expect(error).toMatchObject({ code: 'invalid_config' });
      expect(error.message).toContain('"wrong"');
      expect(service.getStringDetails('wrong')).toMatchObject({
        reason: 'ERROR',
        errorCode: 'GENERAL',
        errorMessage: error.message,
      });
      expect(() => service.explain('wrong')).not.toThrow();
      expect(() => service.getRawMatch('wrong')).toThrow(error.message);
      expect(service.get('right')).toBe('works');
    }
  });

  it('also when it is asked as a segment', async () => {
    const service = await serviceOf([
      config('it', 'string', [rule(text('in'), inSegment('wrong')), rule(text('out'))]),
      { ...segment('wrong'), default: { rules: ['x'] } },
    ]);
    expect(service.get('it')).toBe('out');
  });

  it('and a wrong value concerns only the rule it belongs to', async () => {
    const service = await serviceOf([
      config('it', 'int', [rule(value('int', 'x'), pro), rule(value('int', 5))]),
    ]);
    expect(service.get('it')).toBe(5);
    expect(() => service.get('it', PRO)).toThrow('not a valid int');
  });
});
