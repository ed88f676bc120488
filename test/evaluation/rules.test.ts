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
  it('rules are evaluated from top to bottom, and the first match wins', async () => {
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

  it('a rule matches only if all its criteria hold', async () => {
    const service = await serviceOf([config('it', 'string', [rule(text('both'), german, pro)])]);
    expect(service.get('it', GERMAN_PRO, 'default')).toBe('both');
    expect(service.get('it', PRO, 'default')).toBe('default');
    expect(service.get('it', { user: { country: 'de' } }, 'default')).toBe('default');
  });

  it('environment rules are evaluated before default rules', async () => {
    const configs = [
      withEnvironment('production', [rule(text('env pro'), pro)], [rule(text('default'))]),
    ];
    const service = await serviceOf(configs);
    expect(service.get('it', PRO)).toBe('env pro');
    expect(service.get('it')).toBe('default');
  });

  it('rules of another environment, or of none, are ignored', async () => {
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
    ['with null as criteria', { criteria: null, value: text('all') }],
    ['with an empty list of criteria', { criteria: [], value: text('all') }],
    ['with ALWAYS_TRUE', { criteria: [always], value: text('all') }],
    ['with unknown fields', { criteria: [always], value: text('all'), weight: 5 }],
  ])('a rule %s matches every context', async (_, written) => {
    const service = await serviceOf([config('it', 'string', [written])]);
    expect(service.get('it')).toBe('all');
    expect(service.get('it', PRO)).toBe('all');
  });

  it.each([
    ['a missing default', { default: undefined }],
    ['null as default', { default: null }],
    ['null as rules', { default: { rules: null } }],
    ['missing rules', { default: {} }],
    ['null as environment', { default: { rules: [] }, environment: null }],
    ['null as environment rules', { environment: { id: 'production', rules: null } }],
  ])('a config with %s has no rules', async (_, parts) => {
    const service = await serviceOf([{ ...constant('it', 'string', ''), default: null, ...parts }]);
    expect(service.get('it', undefined, 'default')).toBe('default');
    expect(service.keys()).toEqual(['it']);
  });
});

describe('malformed configs', () => {
  it.each([
    ['a rule that is a string', ['x']],
    ['a rule that is null', [null]],
    ['a rule without a value', [{ criteria: [] }]],
    ['a rule whose value has no type', [{ criteria: [], value: { value: 1 } }]],
    ['a rule whose value is a string', [{ criteria: [], value: 'x' }]],
    ['criteria that are an object', [{ criteria: {}, value: text('x') }]],
    ['a criterion that is a string', [{ criteria: ['ALWAYS_TRUE'], value: text('x') }]],
    ['a criterion without an operator', [{ criteria: [{}], value: text('x') }]],
    ['a property name that is a number', [rule(text('x'), { ...pro, propertyName: 5 as never })]],
    ['a match that is a string', [rule(text('x'), { ...pro, valueToMatch: 'x' as never })]],
  ])('a config with %s throws on every read, and other configs work', async (_, rules) => {
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

  it('no context is in a malformed segment', async () => {
    const service = await serviceOf([
      config('it', 'string', [rule(text('in'), inSegment('wrong')), rule(text('out'))]),
      { ...segment('wrong'), default: { rules: ['x'] } },
    ]);
    expect(service.get('it')).toBe('out');
  });

  it('a malformed value affects only reads that match its rule', async () => {
    const service = await serviceOf([
      config('it', 'int', [rule(value('int', 'x'), pro), rule(value('int', 5))]),
    ]);
    expect(service.get('it')).toBe(5);
    expect(() => service.get('it', PRO)).toThrow('not a valid int');
  });
});
