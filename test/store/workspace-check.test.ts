import { describe, expect, it } from 'vitest';
import type { Config, ConfigValue, Criterion, Rule } from '../../lib/model/index.js';
import {
  finding,
  listElementsUnusual,
  matchElementsUnusual,
  matchNotList,
  matchUnusable,
  patternLimited,
  patternUnusable,
  valueNotList,
} from '../../lib/evaluation/evaluation.messages.js';
import { tooSlow, unclosedGroup } from '../../lib/evaluation/patterns/pattern.messages.js';
import { checkWorkspace } from '../../lib/store/workspace-check.js';
import { turnsDuring } from '../support/turns.js';
import {
  decryptionCycle,
  malformedDuration,
  missingKeyConfig,
  segmentNotNamed,
  notANumber,
  segmentCycle,
  unknownOperator,
  unknownSegment,
} from '../../lib/store/workspace-check.messages.js';

const yes: ConfigValue = { type: 'bool', value: true };

function config(key: string, ...rules: Rule[]): Config {
  return { key, type: 'config', valueType: 'bool', default: { rules } };
}

function when(criterion: Criterion, ...more: Criterion[]): Rule {
  return { criteria: [criterion, ...more], value: yes };
}

function inSegment(key: string, operator = 'IN_SEG'): Criterion {
  return { operator, valueToMatch: { type: 'string', value: key } };
}

function matching(pattern: string, operator = 'PROP_MATCHES'): Criterion {
  return { operator, propertyName: 'user.it', valueToMatch: { type: 'string', value: pattern } };
}

function encrypted(decryptWith: string): Rule {
  return { value: { type: 'string', value: 's3cret', confidential: true, decryptWith } };
}

describe('checkWorkspace without findings', () => {
  it('the workspace check of thousands of configs does not block the event loop', async () => {
    const configs = Array.from({ length: 1_000 }, (_, at) => config(`k${at}`, { value: yes }));
    const turns = await turnsDuring(async () => {
      expect(await checkWorkspace(configs)).toEqual([]);
    });
    expect(turns).toBeGreaterThan(20);
  });

  it('the workspace check accepts correct configs', async () => {
    expect(await checkWorkspace([])).toEqual([]);
    expect(
      await checkWorkspace([
        config(
          'flag',
          when(inSegment('members'), inSegment('other', 'NOT_IN_SEG')),
          when({ operator: 'PROP_IS_ONE_OF', propertyName: 'user.plan' }),
          when({ operator: 'IS_PRESENT', propertyName: 'user.key' }),
          when({
            operator: 'PROP_GREATER_THAN',
            propertyName: 'user.age',
            valueToMatch: { type: 'int', value: 18 },
          }),
          { criteria: [{ operator: 'ALWAYS_TRUE' }], value: yes },
        ),
        config('members', { value: yes }),
        config('other', when(inSegment('members'))),
        config('duration', { value: { type: 'duration', value: 'PT5M' } }),
        config(
          'int',
          { value: { type: 'int', value: 5 } },
          { value: { type: 'double', value: '1.5' } },
        ),
        config('secret', encrypted('key')),
        config('key', { value: { type: 'provided', value: { source: 'ENV_VAR', lookup: 'KEY' } } }),
      ]),
    ).toEqual([]);
  });

  it('the workspace check accepts an encrypted duration, whose plaintext is unknown', async () => {
    const value: ConfigValue = {
      type: 'duration',
      value: 'ab--cd--ef',
      confidential: true,
      decryptWith: 'key',
    };

    expect(
      await checkWorkspace([config('secret', { value }), config('key', { value: yes })]),
    ).toEqual([]);
  });

  it('the workspace check skips malformed configs, whose reads report the mistake', async () => {
    const odd = { key: 'odd', type: 'config', valueType: 'bool' };

    expect(
      await checkWorkspace([
        { ...odd, default: null, environment: null },
        { ...odd, key: 'odd-1', default: { rules: null } },
        {
          ...odd,
          key: 'odd-2',
          default: { rules: [null, 'text', {}, { value: 1, criteria: {} }] },
        },
        { ...odd, key: 'odd-3', default: { rules: [{ criteria: [null, {}, { operator: 1 }] }] } },
        {
          ...odd,
          key: 'odd-4',
          default: {
            rules: [
              { value: { type: 'weighted_values', value: null } },
              {
                value: {
                  type: 'weighted_values',
                  value: { weightedValues: [1, {}, { value: 1 }] },
                },
              },
            ],
          },
        },
      ] as unknown as Config[]),
    ).toEqual([]);
  });
});

describe('checkWorkspace with findings', () => {
  it('the workspace check reports malformed durations in rules and variants without quoting them', async () => {
    const wrong: ConfigValue = { type: 'duration', value: '5 s3cret minutes' };
    const right: ConfigValue = { type: 'duration', value: 'PT5M' };

    expect(
      await checkWorkspace([
        {
          ...config('timeout', { value: right }, { value: wrong }),
          environment: {
            id: 'production',
            rules: [
              {
                value: {
                  type: 'weighted_values',
                  value: {
                    weightedValues: [
                      { weight: 1, value: right },
                      { weight: 1, value: wrong },
                    ],
                  },
                },
              },
            ],
          },
        },
      ]),
    ).toEqual([
      finding('timeout', 'environment rule 1, variant 2', malformedDuration()),
      finding('timeout', 'default rule 2', malformedDuration()),
    ]);
  });

  it('the workspace check reports malformed numbers in rules and criteria without quoting them', async () => {
    const findings = await checkWorkspace([
      config(
        'limit',
        { value: { type: 'int', value: 's3cret' } },
        { value: { type: 'double', value: true } },
        { value: { type: 'int', value: '9007199254740993' } },
        { value: { type: 'int', value: 1.5 } },
        when(
          { operator: 'ALWAYS_TRUE' },
          { operator: 'PROP_LESS_THAN', valueToMatch: { type: 'double', value: '1,5' } },
        ),
      ),
    ]);

    expect(findings).toEqual([
      finding('limit', 'default rule 1', notANumber('int')),
      finding('limit', 'default rule 2', notANumber('double')),
      finding('limit', 'default rule 3', notANumber('int')),
      finding('limit', 'default rule 4', notANumber('int')),
      finding('limit', 'default rule 5, criterion 2', matchUnusable('a number')),
    ]);
    expect(findings.join()).not.toContain('s3cret');
  });

  it('the workspace check reports values that are not lists or ranges, and unusual list elements', async () => {
    const criterion = (operator: string, value: unknown): Criterion => ({
      operator,
      propertyName: 'user.it',
      valueToMatch: { type: 'string_list', value },
    });

    expect(
      await checkWorkspace([
        config('list', { value: { type: 'string_list', value: ['a', 5] } }),
        config('text', { value: { type: 'string_list', value: 'a,b' } }),
        config(
          'flag',
          when(
            criterion('PROP_IS_ONE_OF', ['a', null]),
            criterion('PROP_IS_NOT_ONE_OF', 'a'),
            criterion('IN_INT_RANGE', [1, 2]),
            criterion('PROP_IS_ONE_OF', ['a', 5, true]),
          ),
        ),
      ]),
    ).toEqual([
      finding('list', 'default rule 1', listElementsUnusual),
      finding('text', 'default rule 1', valueNotList),
      finding('flag', 'default rule 1, criterion 1', matchElementsUnusual),
      finding('flag', 'default rule 1, criterion 2', matchNotList(true)),
      finding(
        'flag',
        'default rule 1, criterion 3',
        matchUnusable('a range such as {"start": 18, "end": 65}'),
      ),
    ]);
  });

  it('the workspace check accepts an encrypted list, whose plaintext is unknown', async () => {
    const value: ConfigValue = {
      type: 'string_list',
      value: 'ab--cd--ef',
      confidential: true,
      decryptWith: 'key',
    };

    expect(
      await checkWorkspace([config('secret', { value }), config('key', { value: yes })]),
    ).toEqual([]);
  });

  it.each(['LOOKUP_KEY_IN', 'NOT_SET', 'constructor', 'prop_is_one_of', ''])(
    'the workspace check reports the unknown operator "%s"',
    async (operator) => {
      expect(await checkWorkspace([config('flag', when({ operator }))])).toEqual([
        finding('flag', 'default rule 1, criterion 1', unknownOperator(operator)),
      ]);
    },
  );

  it('the workspace check says why no engine runs a pattern, without quoting it', async () => {
    const slow = String.raw`^(s3cret|\w+)+\1$`;
    const findings = await checkWorkspace([
      config('flag', when(matching('(s3cret')), when(matching(slow, 'PROP_DOES_NOT_MATCH'))),
    ]);
    expect(findings).toEqual([
      finding('flag', 'default rule 1, criterion 1', patternUnusable(unclosedGroup())),
      finding('flag', 'default rule 2, criterion 1', patternUnusable(tooSlow())),
    ]);
    expect(findings.join()).not.toContain('s3cret');
  });

  it('the workspace check names the engine and limit for a pattern that the linear engine cannot run in full', async () => {
    expect(
      await checkWorkspace([
        config(
          'flag',
          when(matching(String.raw`(\w+)\1`)),
          when(matching(String.raw`^(\w+)-\1$`)),
          when(matching('(?=.{0,300}b)')),
        ),
      ]),
    ).toEqual([
      finding('flag', 'default rule 1, criterion 1', patternLimited('RegExp', 128)),
      finding('flag', 'default rule 2, criterion 1', patternLimited('RegExp', 65_536)),
      finding('flag', 'default rule 3, criterion 1', patternLimited('linear', 164)),
    ]);
  });

  it.each([
    '^a+$',
    '^(?!test-)',
    String.raw`(?<=@)\p{Script=Greek}`,
    'x{1,1000}',
    String.raw`\Qa\E`,
  ])(
    'the workspace check reports nothing for the pattern %j, which runs on the linear engine',
    async (pattern) => {
      expect(await checkWorkspace([config('flag', when(matching(pattern)))])).toEqual([]);
    },
  );

  it('the workspace check reports unknown and unnamed segments', async () => {
    expect(
      await checkWorkspace([
        config('flag', when(inSegment('nobody')), when(inSegment('nobody', 'NOT_IN_SEG'))),
        config('other', when({ operator: 'IN_SEG' })),
      ]),
    ).toEqual([
      finding('flag', 'default rule 1, criterion 1', unknownSegment('nobody')),
      finding('flag', 'default rule 2, criterion 1', unknownSegment('nobody')),
      finding('other', 'default rule 1, criterion 1', segmentNotNamed()),
    ]);
  });

  it('the workspace check reports an unknown key config', async () => {
    expect(await checkWorkspace([config('secret', encrypted('nowhere'))])).toEqual([
      finding('secret', 'default rule 1', missingKeyConfig('nowhere')),
    ]);
  });

  it('the workspace check reports each segment cycle once, whatever leads into it', async () => {
    expect(
      await checkWorkspace([
        config('entry', when(inSegment('a')), when(inSegment('b'))),
        config('a', when(inSegment('b'))),
        config('b', when(inSegment('leaf'), inSegment('c'))),
        config('c', when(inSegment('a', 'NOT_IN_SEG'))),
        config('self', when(inSegment('self'))),
        config('leaf', { value: yes }),
      ]),
    ).toEqual([
      finding('c', 'default rule 1, criterion 1', segmentCycle(['a', 'b', 'c', 'a'])),
      finding('self', 'default rule 1, criterion 1', segmentCycle(['self', 'self'])),
    ]);
  });

  it('the workspace check accepts two branches that use the same segment', async () => {
    expect(
      await checkWorkspace([
        config('top', when(inSegment('left')), when(inSegment('right'))),
        config('left', when(inSegment('shared'))),
        config('right', when(inSegment('shared'))),
        config('shared', { value: yes }),
      ]),
    ).toEqual([]);
  });

  it('the workspace check reports a cycle of decryption keys', async () => {
    expect(
      await checkWorkspace([
        config('secret', encrypted('first')),
        config('first', encrypted('second')),
        config('second', encrypted('first')),
      ]),
    ).toEqual([finding('second', 'default rule 1', decryptionCycle(['first', 'second', 'first']))]);
  });

  it('the workspace check reports mistakes only in the later of two configs with the same key', async () => {
    const wrong = config('flag', when(inSegment('nobody')));
    const right = config('flag', { value: yes });

    expect(await checkWorkspace([wrong, right])).toEqual([]);
    expect(await checkWorkspace([right, wrong])).toHaveLength(1);
  });

  it('the workspace check abbreviates a cycle of thousands of keys', async () => {
    const size = 20_000;
    const configs = Array.from({ length: size }, (_, i) =>
      config(`s${i}`, when(inSegment(`s${(i + 1) % size}`)), encrypted(`s${(i + 1) % size}`)),
    );

    const findings = await checkWorkspace(configs);

    expect(findings).toHaveLength(2);
    for (const text of findings) {
      expect(text).toContain(`s0 -> s1`);
      expect(text).toContain('19993 more');
      expect(text.length).toBeLessThan(400);
    }
  });

  it('the workspace check abbreviates long names', async () => {
    const long = 'x'.repeat(100_000);

    const [text] = await checkWorkspace([config('flag', when(inSegment(long)))]);

    expect(text!.length).toBeLessThan(500);
  });
});
