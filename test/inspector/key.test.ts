import { describe, expect, it } from 'vitest';
import type { Config, Contexts } from '../../lib/index.js';
import type { KeyView } from '../../lib/inspector/key-view.js';
import {
  always,
  config,
  constant,
  flagWhen,
  inSegment,
  no,
  rule,
  segment,
  split,
  value,
  when,
  yes,
} from '../support/configs.js';
import { ADAPTERS, inspected } from './support/application.js';

const pro = when('PROP_IS_ONE_OF', 'user.plan', ['pro', 'team']);
const staff = segment('staff', when('PROP_ENDS_WITH_ONE_OF', 'user.email', ['@example.com']));

async function viewOf(key: string, configs: Config[], contexts?: Contexts): Promise<KeyView> {
  const { json } = await inspected(configs);
  return json<KeyView>(`/api/key?key=${encodeURIComponent(key)}`, contexts);
}

describe.each(ADAPTERS)('a key on %s', (adapter) => {
  it('an unknown key is answered with 404, a missing one with 400', async () => {
    const { ask } = await inspected([staff], { adapter });
    expect((await ask('/api/key?key=nothing')).status).toBe(404);
    expect((await ask('/api/key')).status).toBe(400);
    expect((await ask('/api/key?key=a&key=b')).status).toBe(400);
    expect((await ask('/api/key?key=__proto__')).status).toBe(404);
  });

  it('a key may have any characters', async () => {
    const key = '../<img src=x onerror=alert(1)>?&#/ä';
    const { json } = await inspected([constant(key, 'bool', true)], { adapter });
    expect(await json(`/api/key?key=${encodeURIComponent(key)}`)).toMatchObject({ key });
  });
});

describe('rules of a key', () => {
  it('each rule is a sentence, with whether it matched, was not reached, or is shadowed', async () => {
    const flag = config('flag', 'bool', [
      rule(yes, inSegment('staff')),
      rule(yes, pro, when('PROP_GREATER_THAN', 'user.age', 17)),
      rule(no),
      rule(yes, pro),
    ]);
    const view = await viewOf('flag', [flag, staff], {
      user: { plan: 'pro', age: 18, email: 'a@b.c' },
    });
    expect(view.value).toEqual({ text: 'true' });
    expect(view.rules.map(({ sentence, status }) => [status, sentence])).toEqual([
      ['not matched', 'If the context is in the segment staff, then true.'],
      ['matched', 'If user.plan is "pro" or "team" and user.age is greater than 17, then true.'],
      ['not reached', 'Otherwise false.'],
      ['shadowed', 'If user.plan is "pro" or "team", then true.'],
    ]);
  });

  it('every tested condition says what the context has and why it holds or does not', async () => {
    const view = await viewOf('flag', [flagWhen('flag', inSegment('staff'), pro), staff], {
      user: { plan: 'free', email: 'a@example.com' },
    });
    expect(view.rules[0]!.conditions).toEqual([
      {
        text: 'the context is in the segment staff',
        result: true,
        reason: 'the segment satisfies the operator',
        segment: {
          key: 'staff',
          found: true,
          rules: [
            expect.objectContaining({
              status: 'matched',
              conditions: [
                expect.objectContaining({
                  text: 'user.email ends with "@example.com"',
                  result: true,
                  seen: '"a@example.com"',
                }),
              ],
            }),
          ],
        },
      },
      {
        text: 'user.plan is "pro" or "team"',
        property: 'user.plan',
        result: false,
        reason: 'the value does not satisfy the operator',
        seen: '"free"',
      },
    ]);
    expect(view.rules[1]!.conditions).toEqual([]);
  });

  it('conditions after the first that does not hold are shown as not needed', async () => {
    const view = await viewOf('flag', [flagWhen('flag', pro, when('IS_PRESENT', 'user.key'))]);
    const [first, second] = view.rules[0]!.conditions;
    expect(first).toMatchObject({ result: false, reason: 'the property is missing' });
    expect(second).toEqual({ text: 'user.key is present', property: 'user.key' });
  });

  it('a segment that does not exist is named', async () => {
    const view = await viewOf('flag', [flagWhen('flag', inSegment('nobody'))]);
    expect(view.rules[0]!.conditions[0]!.segment).toEqual({ key: 'nobody', found: false });
  });

  it('a pattern says which engine runs it', async () => {
    const matches = when('PROP_MATCHES', 'user.email', '^a+$');
    const view = await viewOf('flag', [flagWhen('flag', matches)], { user: { email: 'aa' } });
    expect(view.rules[0]!.conditions[0]).toMatchObject({
      text: 'user.email matches the pattern "^a+$"',
      engine: 'linear',
    });
  });

  it('weights are shown as shares, with the position of the context', async () => {
    const weighted = split(
      [
        { weight: 25_000, value: value('string', 'a') },
        { weight: 75_000, value: value('string', 'b') },
      ],
      'user.key',
    );
    // The hash of "of.weighteduser-123" is 0.077285 of its range.
    const view = await viewOf('of.weighted', [config('of.weighted', 'string', [rule(weighted)])], {
      user: { key: 'user-123' },
    });
    const { sentence, split: shown } = view.rules[0]!;
    expect(sentence).toBe('Always "a" for 25% and "b" for 75%, split by user.key.');
    expect(shown).toMatchObject({
      by: 'user.key',
      seen: '"user-123"',
      position: expect.closeTo(0.077285, 5),
      variants: [
        { text: '"a"', share: 0.25, percent: '25%', picked: true },
        { text: '"b"', share: 0.75, percent: '75%', picked: false },
      ],
    });
    expect(view).toMatchObject({ reason: 'SPLIT', value: { text: '"a"' } });
  });

  it('a context without the property to split by is said to lack it', async () => {
    const weighted = split([{ weight: 1, value: yes }], 'user.key');
    const view = await viewOf('flag', [config('flag', 'bool', [rule(weighted)])]);
    expect(view.hashPropertyMissing).toBe(true);
    expect(view.rules[0]!.split).not.toHaveProperty('seen');
  });

  it('rules of another environment are named, and do not apply', async () => {
    const flag = { ...flagWhen('flag', pro), environment: { id: 'staging', rules: [rule(yes)] } };
    const view = await viewOf('flag', [flag]);
    expect(view).toMatchObject({ environment: 'production', otherEnvironment: 'staging' });
    expect(view.rules.map(({ list }) => list)).toEqual(['default', 'default']);
    expect(view.value).toEqual({ text: 'false' });
  });

  it('every operator is described in words', async () => {
    const operators = [
      ['PROP_IS_NOT_ONE_OF', ['a'], 'user.x is not "a"'],
      ['PROP_STARTS_WITH_ONE_OF', ['a', 'b'], 'user.x starts with "a" or "b"'],
      ['IN_INT_RANGE', { start: 1, end: 5 }, 'user.x is at least 1 and less than 5'],
      ['IN_INT_RANGE', {}, 'user.x is an integer'],
      ['PROP_BEFORE', '2026-01-01', 'user.x is before "2026-01-01"'],
      ['PROP_SEMVER_LESS_THAN', '2.0.0', 'user.x is a version below "2.0.0"'],
      ['IS_NOT_PRESENT', undefined, 'user.x is missing'],
      ['LOOKUP_KEY_IN', ['a'], 'never: the operator LOOKUP_KEY_IN is unknown'],
      ['toString', ['a'], 'never: the operator toString is unknown'],
      ['PROP_IS_ONE_OF', [], 'user.x is anything in an empty list'],
    ] as const;
    const flags = operators.map(([operator, match], index) =>
      flagWhen(`flag-${index}`, when(operator, 'user.x', match)),
    );
    const { json } = await inspected([...flags, flagWhen('always', always)]);
    for (const [index, [operator, , text]] of operators.entries()) {
      const view = await json<KeyView>(`/api/key?key=flag-${index}`);
      expect(view.rules[0]!.conditions[0]!.text, operator).toBe(text);
    }
    const view = await json<KeyView>('/api/key?key=always');
    expect(view.rules[0]!.sentence).toBe('Always true.');
  });

  it('a long list is cut to a readable length', async () => {
    const keys = Array.from({ length: 500 }, (_, index) => `u-${index}`);
    const view = await viewOf('flag', [flagWhen('flag', when('PROP_IS_ONE_OF', 'user.key', keys))]);
    expect(view.rules[0]!.sentence).toMatch(/"u-11" or 488 more, then true\.$/);
  });

  it('a config that cannot be evaluated is shown with its error', async () => {
    const odd = [{}, { criteria: [null], value: null }, null] as never;
    const view = await viewOf('odd', [config('odd', 'bool', odd)]);
    expect(view).toMatchObject({ reason: 'ERROR', error: expect.stringContaining('odd') });
  });
});

describe('contexts that change the value', () => {
  it('the properties of rules, segments, splits and key configs are listed with what reads them', async () => {
    const weighted = split([{ weight: 1, value: yes }], 'account.key');
    const flag = config('flag', 'bool', [rule(weighted, inSegment('staff')), rule(no, pro)]);
    const view = await viewOf('flag', [flag, staff], { user: { plan: 'pro' } });
    expect(view.read).toEqual([
      { property: 'account.key', readBy: ['flag'], present: false },
      { property: 'user.email', readBy: ['staff'], present: false },
      { property: 'user.plan', readBy: ['flag'], present: true },
    ]);
  });

  it('a misspelled property is found', async () => {
    const contexts = { user: { Plan: 'pro', name: 'Ada' }, usr: { email: 'a@example.com' } };
    const view = await viewOf('flag', [flagWhen('flag', pro, inSegment('staff')), staff], contexts);
    expect(view.unread).toEqual([
      { property: 'user.Plan', suggestion: 'user.plan' },
      { property: 'user.name' },
      { property: 'usr.email', suggestion: 'user.email' },
    ]);
  });

  it('segments that refer to each other do not recurse forever', async () => {
    const one = segment('one', inSegment('two'), when('IS_PRESENT', 'a.b'));
    const two = segment('two', inSegment('one'));
    const view = await viewOf('flag', [flagWhen('flag', inSegment('one')), one, two]);
    expect(view.read).toEqual([{ property: 'a.b', readBy: ['one'], present: false }]);
  });

  it('nothing is listed for a value that is the same for all', async () => {
    const view = await viewOf('a', [constant('a', 'int', 1)]);
    expect(view).toMatchObject({ read: [], unread: [] });
  });
});
