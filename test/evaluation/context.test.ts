import { describe, expect, it } from 'vitest';
import type { Contexts } from '../../lib/index.js';
import { config, flagWhen, rule, serviceOf, split, when, yes } from '../support/configs.js';

/** A flag that is on when the property has the value `it`. */
function whenIs(property: string | undefined, key = 'flag') {
  return flagWhen(key, when('PROP_IS_ONE_OF', property, ['it']));
}

describe('a property name', () => {
  it.each([
    ['user.key', { user: { key: 'it' } }],
    ['user.address.city', { user: { 'address.city': 'it' } }],
    ['user.', { user: { '': 'it' } }],
    ['.key', { '': { key: 'it' } }],
    ['key', { '': { key: 'it' } }],
    ['', { '': { '': 'it' } }],
    [undefined, { '': { '': 'it' } }],
  ])('the property name %j is split at its first dot', async (property, contexts) => {
    const service = await serviceOf([whenIs(property)]);
    expect(service.isEnabled('flag', contexts)).toBe(true);
    expect(service.isEnabled('flag', { other: { key: 'it' } })).toBe(false);
  });

  it('a property name does not reach into nested objects', async () => {
    const service = await serviceOf([whenIs('user.address.city')]);
    expect(service.isEnabled('flag', { user: { address: { city: 'it' } } })).toBe(false);
  });
});

describe('the current time', () => {
  it.each(['quonfig', 'prefab', 'reforge'])(
    '%s.current-time is the current time in ms, even if a context has that name',
    async (name) => {
      const property = `${name}.current-time`;
      const before = Date.now();
      const service = await serviceOf([
        flagWhen('past', when('PROP_AFTER', property, before - 1)),
        flagWhen('future', when('PROP_BEFORE', property, before + 86_400_000)),
        flagWhen('present', when('IS_PRESENT', property)),
        flagWhen('number', when('PROP_GREATER_THAN_OR_EQUAL', property, before)),
      ]);
      const contexts = { [name]: { 'current-time': 5 } };
      for (const flag of ['past', 'future', 'present', 'number']) {
        expect(service.isEnabled(flag)).toBe(true);
        expect(service.isEnabled(flag, contexts)).toBe(true);
      }
      const seen = service.explain('past').rules[0]?.criteria[0]?.seen;
      expect(seen).toBeGreaterThanOrEqual(before);
    },
  );

  it('other properties of a context named quonfig come from the context', async () => {
    const service = await serviceOf([whenIs('quonfig.current-time-zone')]);
    expect(service.isEnabled('flag', { quonfig: { 'current-time-zone': 'it' } })).toBe(true);
  });
});

describe('context precedence', () => {
  const here = { user: { key: 'it' } };
  const elsewhere = { user: { key: 'other' } };

  it('per-call contexts take precedence over bound ones, inner over outer, all over global ones', async () => {
    const configs = [whenIs('user.key')];
    const global = await serviceOf(configs, { globalContext: here });
    expect(global.isEnabled('flag')).toBe(true);
    expect(global.withContext(elsewhere).isEnabled('flag')).toBe(false);
    expect(global.withContext(elsewhere).withContext(here).isEnabled('flag')).toBe(true);
    expect(global.withContext(here).isEnabled('flag', elsewhere)).toBe(false);
    expect(global.withContext(elsewhere).isEnabled('flag', here)).toBe(true);
  });

  it('a context replaces the whole context of the same name, even if it is empty', async () => {
    const service = await serviceOf(
      [whenIs('user.key'), flagWhen('keyless', when('IS_NOT_PRESENT', 'user.key'))],
      { globalContext: here },
    );
    for (const replacement of [{ user: {} }, { user: { plan: 'pro' } }]) {
      expect(service.isEnabled('flag', replacement)).toBe(false);
      expect(service.isEnabled('keyless', replacement)).toBe(true);
      expect(service.withContext(replacement).isEnabled('flag')).toBe(false);
      expect(service.withContext(here).isEnabled('flag', replacement)).toBe(false);
    }
  });

  it('contexts with different names are combined', async () => {
    const service = await serviceOf(
      [
        flagWhen(
          'all',
          when('IS_PRESENT', 'app.v'),
          when('IS_PRESENT', 'team.v'),
          when('IS_PRESENT', 'user.v'),
        ),
      ],
      { globalContext: { app: { v: 1 } } },
    );
    const bound = service.withContext({ team: { v: 1 } });
    expect(bound.isEnabled('all', { user: { v: 1 } })).toBe(true);
    expect(bound.isEnabled('all')).toBe(false);
    expect(service.isEnabled('all', { user: { v: 1 } })).toBe(false);
  });

  it('getters, details, explanations and raw matches use the same precedence', async () => {
    const service = await serviceOf([whenIs('user.key')], { globalContext: elsewhere });
    const bound = service.withContext(here);
    expect(bound.get('flag')).toBe(true);
    expect(bound.getBoolDetails('flag').value).toBe(true);
    expect(bound.explain('flag').outcome.value).toBe(true);
    expect(bound.getRawMatch('flag')?.config.value).toBe(true);
    expect(service.explain('flag', here).outcome.value).toBe(true);
    expect(service.getRawMatch('flag', here)?.config.value).toBe(true);
  });

  type Changeable = { user: { key: string; tags: string[] }; other?: object };

  it('global and bound contexts are copied, so later changes have no effect', async () => {
    const globalContext: Changeable = { user: { key: 'it', tags: ['a'] } };
    const service = await serviceOf(
      [whenIs('user.key'), flagWhen('tagged', when('PROP_IS_ONE_OF', 'user.tags', ['a']))],
      { globalContext },
    );
    const contexts: Changeable = { user: { key: 'it', tags: ['a'] } };
    const bound = service.withContext(contexts);
    for (const changed of [globalContext, contexts]) {
      changed.user.key = 'changed';
      changed.user.tags[0] = 'changed';
      changed.other = {};
    }
    for (const reader of [service, bound]) {
      expect(reader.isEnabled('flag')).toBe(true);
      expect(reader.isEnabled('tagged')).toBe(true);
    }
  });

  it('null and undefined count as no contexts', async () => {
    const service = await serviceOf([whenIs('user.key')], { globalContext: here });
    for (const absent of [null, undefined]) {
      expect(service.isEnabled('flag', absent)).toBe(true);
      expect(service.get('flag', absent)).toBe(true);
      expect(service.getBoolDetails('flag', absent).value).toBe(true);
      expect(service.explain('flag', absent).outcome.value).toBe(true);
      expect(service.getRawMatch('flag', absent)?.config.value).toBe(true);
      expect(service.withContext(absent as never).isEnabled('flag')).toBe(true);
    }
  });
});

describe('own and inherited properties', () => {
  it.each(['toString', 'constructor', '__proto__', 'hasOwnProperty', 'length.x'])(
    'the inherited property %s of a context is missing',
    async (property) => {
      const service = await serviceOf([
        flagWhen('inside', when('IS_PRESENT', `user.${property}`)),
        flagWhen('named', when('IS_PRESENT', `${property}.name`)),
        flagWhen('alone', when('IS_PRESENT', property)),
      ]);
      const ordinary: Contexts[] = [{}, { user: {} }, { user: { key: 1 }, '': {} }];
      for (const contexts of ordinary) {
        for (const reader of [service, service.withContext(contexts)]) {
          for (const flag of ['inside', 'named', 'alone']) {
            expect(reader.isEnabled(flag, contexts)).toBe(false);
          }
        }
      }
    },
  );

  it('__proto__ in a context parsed from JSON adds no properties', async () => {
    const contexts = JSON.parse(
      '{"user":{"__proto__":{"admin":true}},"__proto__":{"team":{"admin":true}}}',
    ) as Contexts;
    const service = await serviceOf([
      flagWhen('user', when('IS_PRESENT', 'user.admin')),
      flagWhen('team', when('IS_PRESENT', 'team.admin')),
    ]);
    for (const reader of [service, service.withContext(contexts)]) {
      expect(reader.isEnabled('user', contexts)).toBe(false);
      expect(reader.isEnabled('team', contexts)).toBe(false);
    }
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('an own property named __proto__ is like any other', async () => {
    const contexts = JSON.parse('{"user":{"__proto__":"it"}}') as Contexts;
    const service = await serviceOf([whenIs('user.__proto__')]);
    expect(service.isEnabled('flag', contexts)).toBe(true);
    expect(service.withContext(contexts).isEnabled('flag')).toBe(true);
  });

  it('a polluted Object.prototype does not affect evaluation', async () => {
    const polluted = Object.prototype as Record<string, unknown>;
    const service = await serviceOf([
      whenIs('user.plan'),
      whenIs('team.plan', 'team'),
      flagWhen('plain', when('IS_NOT_PRESENT', 'user.plan')),
    ]);
    try {
      polluted['plan'] = 'it';
      polluted['team'] = { plan: 'it' };
      expect(service.isEnabled('flag', { user: {} })).toBe(false);
      expect(service.isEnabled('team', { user: {} })).toBe(false);
      expect(service.isEnabled('plain', { user: {} })).toBe(true);
      expect(service.withContext({ user: {} }).isEnabled('flag')).toBe(false);
      expect(service.withContext({ user: {} }).isEnabled('team')).toBe(false);
    } finally {
      delete polluted['plan'];
      delete polluted['team'];
    }
  });

  it('splits and explanations ignore inherited properties', async () => {
    const variants = split([{ weight: 1, value: yes }], 'user.toString');
    const service = await serviceOf([
      config('split', 'bool', [rule(variants)]),
      flagWhen('flag', when('IS_PRESENT', 'user.constructor')),
    ]);
    const contexts: Contexts = { user: {} };
    const { flagMetadata } = service.getBoolDetails('split', contexts);
    expect(flagMetadata.hashPropertyMissing).toBe(true);
    expect(service.explain('split', contexts).rules[0]?.weight).not.toHaveProperty('seen');
    expect(service.explain('flag', contexts).rules[0]?.criteria[0]).not.toHaveProperty('seen');

    const polluted = Object.prototype as Record<string, unknown>;
    try {
      polluted['inherited'] = 'it';
      const by = split([{ weight: 1, value: yes }], 'user.inherited');
      const other = await serviceOf([config('split', 'bool', [rule(by)])]);
      expect(other.explain('split', contexts).rules[0]?.weight).not.toHaveProperty('seen');
      expect(other.getBoolDetails('split', contexts).flagMetadata.hashPropertyMissing).toBe(true);
    } finally {
      delete polluted['inherited'];
    }
  });

  it('contexts may be class instances or have no prototype, and only own properties count', async () => {
    class User {
      key = 'it';
      get plan(): string {
        return 'it';
      }
    }
    const service = await serviceOf([whenIs('user.key'), whenIs('user.plan', 'inherited')]);
    const bare = Object.assign(Object.create(null) as object, { key: 'it' });
    for (const user of [new User(), bare]) {
      const contexts = { user } as unknown as Contexts;
      expect(service.isEnabled('flag', contexts)).toBe(true);
      expect(service.withContext(contexts).isEnabled('flag')).toBe(true);
      expect(service.isEnabled('inherited', contexts)).toBe(false);
    }
  });
});
