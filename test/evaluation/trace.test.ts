import { describe, expect, it } from 'vitest';
import type { Config, RuleTrace } from '../../lib/index.js';
import {
  always,
  config,
  constant,
  flagWhen,
  inSegment,
  no,
  notInSegment,
  rule,
  segment,
  serviceOf,
  split,
  value,
  when,
  yes,
} from '../support/configs.js';

const pro = when('PROP_IS_ONE_OF', 'user.plan', ['pro']);
const german = when('PROP_IS_ONE_OF', 'user.country', ['de']);

describe('explain', () => {
  it('explain lists the evaluated rules in order, each up to its first failing criterion', async () => {
    const service = await serviceOf([
      {
        ...config('it', 'bool', [rule(yes, pro), rule(no)], 'feature_flag'),
        environment: { id: 'production', rules: [rule(yes, german, pro, always)] },
      },
    ]);
    const trace = service.explain('it', { user: { plan: 'pro', country: 'at' } });
    expect(trace).toEqual({
      key: 'it',
      environment: 'production',
      version: 'v1',
      rules: [
        {
          list: 'environment',
          ruleIndex: 0,
          matched: false,
          criteria: [
            {
              operator: 'PROP_IS_ONE_OF',
              propertyName: 'user.country',
              valueToMatch: ['de'],
              seen: 'at',
              result: false,
              reason: 'the value does not satisfy the operator',
            },
          ],
        },
        {
          list: 'default',
          ruleIndex: 0,
          matched: true,
          criteria: [
            {
              operator: 'PROP_IS_ONE_OF',
              propertyName: 'user.plan',
              valueToMatch: ['pro'],
              seen: 'pro',
              result: true,
              reason: 'the value satisfies the operator',
            },
          ],
        },
      ],
      outcome: service.getBoolDetails('it', { user: { plan: 'pro' } }),
    });
  });

  it.each([
    [always, true, 'always true'],
    [when('LOOKUP_KEY_IN'), false, 'the operator is unknown'],
    [pro, false, 'the property is missing'],
    [when('IS_NOT_PRESENT', 'user.plan'), true, 'the property is missing'],
    [when('NOT_IN_SEG'), true, 'the criterion names no segment'],
    [inSegment('none'), false, 'the segment does not exist'],
    [inSegment('all'), true, 'the segment satisfies the operator'],
    [notInSegment('all'), false, 'the segment does not satisfy the operator'],
  ])('explain states why a criterion holds or fails: %j', async (criterion, result, reason) => {
    const service = await serviceOf([flagWhen('it', criterion), segment('all')]);
    const shown = service.explain('it').rules[0]?.criteria[0];
    expect(shown?.result).toBe(result);
    expect(shown?.reason).toContain(reason);
  });

  it('explain nests segments in the criteria that use them, each in full only once', async () => {
    const service = await serviceOf([
      flagWhen('it', inSegment('outer'), inSegment('inner'), inSegment('none')),
      segment('outer', inSegment('inner')),
      segment('inner', pro),
    ]);
    const inner: RuleTrace[] = [
      {
        list: 'default',
        ruleIndex: 0,
        matched: true,
        criteria: [expect.objectContaining({ seen: 'pro', result: true })],
      },
    ];
    const { criteria } = service.explain('it', { user: { plan: 'pro' } }).rules[0]!;
    expect(criteria.map((criterion) => criterion.segment)).toEqual([
      {
        key: 'outer',
        found: true,
        rules: [
          {
            list: 'default',
            ruleIndex: 0,
            matched: true,
            criteria: [
              expect.objectContaining({
                operator: 'IN_SEG',
                result: true,
                segment: { key: 'inner', found: true, rules: inner },
              }),
            ],
          },
        ],
      },
      { key: 'inner', found: true },
      { key: 'none', found: false },
    ]);
  });

  it('explain shows a segment in a cycle as missing on its own path', async () => {
    const service = await serviceOf([
      flagWhen('it', inSegment('self')),
      segment('self', notInSegment('self')),
    ]);
    const [criterion] = service.explain('it').rules[0]!.criteria;
    expect(criterion?.result).toBe(true);
    expect(criterion?.segment?.rules?.[0]).toMatchObject({
      matched: true,
      criteria: [{ operator: 'NOT_IN_SEG', result: true }],
    });
  });

  it('explain shows how a variant was picked', async () => {
    const variants = split(
      [
        { weight: 14, value: value('int', 1) },
        { weight: 86, value: value('int', 2) },
      ],
      'user.id',
    );
    const key = 'feature-flag.weighted';
    const service = await serviceOf([config(key, 'int', [rule(variants)])]);
    expect(service.explain(key, { user: { id: '92a202f2' } }).rules[0]?.weight).toEqual({
      hashByPropertyName: 'user.id',
      seen: '92a202f2',
      hash: 605612302,
      fraction: 605612302 / 4294967295,
      threshold: (605612302 / 4294967295) * 100,
      bucket: 1,
    });
    const missing = service.explain(key);
    expect(missing.rules[0]?.weight).toMatchObject({ hash: 3942707013, bucket: 1 });
    expect(missing.rules[0]?.weight).not.toHaveProperty('seen');
    expect(missing.outcome.flagMetadata.hashPropertyMissing).toBe(true);
  });

  it('explain shows only the result of a random pick', async () => {
    const variants = split([{ weight: 1, value: value('int', 1) }]);
    const service = await serviceOf([config('it', 'int', [rule(variants)])]);
    expect(service.explain('it').rules[0]?.weight).toEqual({ bucket: 0 });
  });

  it('explain returns no rules for an unknown key', async () => {
    const service = await serviceOf([]);
    expect(service.explain('none')).toMatchObject({
      key: 'none',
      environment: 'production',
      version: 'v1',
      rules: [],
      outcome: { reason: 'ERROR', errorCode: 'FLAG_NOT_FOUND' },
    });
  });

  it('explain truncates long strings and lists', async () => {
    const service = await serviceOf([
      flagWhen('it', when('IS_PRESENT', 'user.text'), when('IS_PRESENT', 'user.list')),
    ]);
    const user = { text: 'x'.repeat(1_000_000), list: Array<string>(10_000).fill('y') };
    const shown = service.explain('it', { user }).rules[0]!.criteria;
    expect(shown.map(({ seen }) => (seen as string | unknown[]).length)).toEqual([500, 50]);
  });

  it('explain returns nothing through which configs could be modified', async () => {
    const service = await serviceOf([flagWhen('it', pro)]);
    const match = service.explain('it').rules[0]!.criteria[0]!.valueToMatch as string[];
    expect(() => match.push('free')).toThrow(TypeError);
  });
});

describe('explain for a confidential config', () => {
  const hidden = value('string', 'the hidden text', { confidential: true });
  const configs: Config[] = [
    config('plain', 'string', [rule(hidden, when('IS_PRESENT', 'user.email'))]),
    config('split', 'string', [
      rule(split([{ weight: 1, value: hidden }], 'user.email'), when('IS_PRESENT', 'user.email')),
    ]),
    {
      ...config('other-rule', 'string', [rule(value('string', 'open'))]),
      environment: {
        id: 'production',
        rules: [rule(hidden, when('IS_NOT_PRESENT', 'user.email'))],
      },
    },
  ];

  it.each(['plain', 'split', 'other-rule'])(
    'explain redacts the values and context properties of a confidential config: %s',
    async (key) => {
      const service = await serviceOf(configs);
      const contexts = { user: { email: 'someone@example.com' } };
      const trace = service.explain(key, contexts);
      const text = JSON.stringify(trace);
      expect(text).not.toContain('the hidden text');
      expect(text).not.toContain('someone@example.com');
      expect(trace.rules[0]?.criteria[0]?.seen).toBe('*****');
      if (key === 'other-rule') expect(trace.outcome.value).toBe('open');
      else expect(trace.outcome.value).toMatch(/^\*{5}[0-9a-f]{5}$/);
    },
  );

  it('explain does not redact other configs', async () => {
    const service = await serviceOf([constant('open', 'json', { a: 1 })]);
    expect(service.explain('open').outcome.value).toEqual({ a: 1 });
  });
});
