import { runInNewContext } from 'node:vm';
import type { EvaluationContext } from '@openfeature/server-sdk';
import { describe, expect, it } from 'vitest';
import type { Contexts } from '../../lib/index.js';
import { QuonfigProvider } from '../../lib/openfeature/index.js';
import { constant, flagWhen, serviceOf, when, yes } from '../support/configs.js';
import { clientFor, clientOf } from './support/client.js';

/** The contexts that a service reads with, for a flat context of OpenFeature. */
async function mapped(context: EvaluationContext, targetingKeyMapping?: string): Promise<Contexts> {
  const service = await serviceOf([constant('it', 'bool', true)]);
  const client = await clientOf(new QuonfigProvider(service, { targetingKeyMapping }));
  let contexts: Contexts = {};
  service.reads$.subscribe((read) => (contexts = read.contexts));
  await client.getBooleanValue('it', false, context);
  // Copies have prototypes, so that they can be compared.
  return JSON.parse(JSON.stringify(contexts)) as Contexts;
}

describe('the contexts of an OpenFeature evaluation', () => {
  it.each<[string, EvaluationContext, Contexts]>([
    ['a dotted name', { 'user.plan': 'pro' }, { user: { plan: 'pro' } }],
    ['a second dot', { 'user.ip.address': '::1' }, { user: { 'ip.address': '::1' } }],
    ['no dot', { country: 'NO' }, { '': { country: 'NO' } }],
    ['a dot first', { '.country': 'NO' }, { '': { country: 'NO' } }],
    ['a dot last', { 'user.': 'x' }, { user: { '': 'x' } }],
    ['an empty name', { '': 'x' }, { '': { '': 'x' } }],
    ['undefined', { 'user.plan': undefined as never, a: 1 }, { '': { a: 1 } }],
    ['null', { 'user.plan': null }, { user: { plan: null } }],
    ['a nested object', { user: { plan: 'pro' } }, { '': { user: { plan: 'pro' } } }],
    ['a list', { 'user.tags': ['a', 'b'] }, { user: { tags: ['a', 'b'] } }],
    [
      'several contexts',
      { 'user.plan': 'pro', 'team.size': 5, 'user.admin': false },
      { user: { plan: 'pro', admin: false }, team: { size: 5 } },
    ],
    ['a targeting key', { targetingKey: 'u-1' }, { user: { id: 'u-1' } }],
    [
      'a targeting key beside others',
      { 'user.plan': 'pro', targetingKey: 'u-1' },
      { user: { plan: 'pro', id: 'u-1' } },
    ],
    ['nothing', {}, {}],
  ])('%s', async (_, context, contexts) => {
    expect(await mapped(context)).toEqual(contexts);
  });

  it.each([
    ['user.key', { user: { key: 'u-1' } }],
    ['account.owner.id', { account: { 'owner.id': 'u-1' } }],
    ['visitor', { '': { visitor: 'u-1' } }],
  ])('targetingKeyMapping %s', async (mapping, contexts) => {
    expect(await mapped({ targetingKey: 'u-1' }, mapping)).toEqual(contexts);
  });

  it('an explicit property takes precedence over the targeting key, whatever their order', async () => {
    const expected = { user: { id: 'explicit' } };
    expect(await mapped({ targetingKey: 'u-1', 'user.id': 'explicit' })).toEqual(expected);
    expect(await mapped({ 'user.id': 'explicit', targetingKey: 'u-1' })).toEqual(expected);
    expect(await mapped({ targetingKey: 'u-1', 'user.id': undefined as never })).toEqual({
      user: { id: 'u-1' },
    });
  });

  it('a date becomes its ISO 8601 string, even if it comes from another realm', async () => {
    const date = new Date('2026-11-01T08:30:00Z');
    const foreign = runInNewContext('new Date(Date.UTC(2026, 10, 1, 8, 30))') as Date;
    const iso = '2026-11-01T08:30:00.000Z';
    expect(await mapped({ 'user.since': date, now: foreign })).toEqual({
      user: { since: iso },
      '': { now: iso },
    });
  });

  it('operators for dates and strings match a date', async () => {
    const client = await clientFor([
      flagWhen('before', when('PROP_BEFORE', 'user.since', '2026-11-02')),
      flagWhen('prefix', when('PROP_STARTS_WITH_ONE_OF', 'user.since', ['2026-11-01T08'])),
    ]);
    const context = { 'user.since': new Date('2026-11-01T08:30:00Z') };
    expect(await client.getBooleanValue('before', false, context)).toBe(true);
    expect(await client.getBooleanValue('prefix', false, context)).toBe(true);
  });

  it('an invalid date counts as absent', async () => {
    const context = { 'user.since': new Date(Number.NaN), country: 'NO' };
    expect(await mapped(context)).toEqual({ '': { country: 'NO' } });
  });

  it('names that objects inherit are ordinary names', async () => {
    const hostile = JSON.parse(
      '{"__proto__":"a","__proto__.isAdmin":true,"user.__proto__":"b","constructor.name":"c","user.toString":"d","user.plan":"pro"}',
    ) as EvaluationContext;
    const client = await clientFor([
      flagWhen('inherited', when('IS_PRESENT', 'team.isAdmin')),
      flagWhen('plan', when('PROP_IS_ONE_OF', 'user.plan', ['pro'])),
      flagWhen('proto', when('PROP_IS_ONE_OF', 'user.__proto__', ['b'])),
    ]);
    expect(await client.getBooleanValue('inherited', false, { ...hostile, 'team.x': 1 })).toBe(
      false,
    );
    expect(await client.getBooleanValue('plan', false, hostile)).toBe(true);
    expect(await client.getBooleanValue('proto', false, hostile)).toBe(true);
    expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined();
  });

  it.each<[string, () => unknown]>([
    ['a proxy that throws', () => new Proxy({}, { get: thrower, getPrototypeOf: thrower })],
    ['a cycle', cycle],
    ['a bigint', () => 10n ** 400n],
    ['a function', () => () => 'x'],
    ['a symbol', () => Symbol('x')],
    ['a very long string', () => 'x'.repeat(1_000_000)],
  ])('%s as a property changes nothing but its own criterion', async (_, create) => {
    const client = await clientFor([
      flagWhen('plan', when('PROP_IS_ONE_OF', 'user.plan', ['pro'])),
      flagWhen('odd', when('PROP_IS_ONE_OF', 'user.odd', ['pro'])),
    ]);
    const context = { 'user.odd': create() as string, 'user.plan': 'pro' };
    expect(await client.getBooleanDetails('plan', false, context)).toMatchObject({ value: true });
    expect(await client.getBooleanDetails('odd', true, context)).toMatchObject({ value: false });
  });

  it('a mapped context replaces the whole context of its name in globalContext', async () => {
    const configs = [
      flagWhen('plan', when('PROP_IS_ONE_OF', 'user.plan', ['pro'])),
      flagWhen('region', when('PROP_IS_ONE_OF', 'server.region', ['eu'])),
    ];
    const globalContext = { user: { plan: 'pro' }, server: { region: 'eu' } };
    const client = await clientFor(configs, {}, { globalContext });
    expect(await client.getBooleanValue('plan', false)).toBe(true);
    expect(await client.getBooleanValue('plan', true, { targetingKey: 'u-1' })).toBe(false);
    expect(await client.getBooleanValue('region', false, { targetingKey: 'u-1' })).toBe(true);
  });

  it('the contexts of an evaluation are not changed', async () => {
    const client = await clientFor([constant('it', 'bool', yes.value)]);
    const context = Object.freeze({ targetingKey: 'u-1', 'user.plan': 'pro' });
    await client.getBooleanValue('it', false, context);
    expect(context).toEqual({ targetingKey: 'u-1', 'user.plan': 'pro' });
  });
});

function thrower(): never {
  throw new Error('hostile');
}

function cycle(): object {
  const self: Record<string, unknown> = {};
  self['self'] = self;
  return self;
}
