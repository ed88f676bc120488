import { describe, expect, it, onTestFinished } from 'vitest';
import {
  finding,
  listElementsUnusual,
  matchElementsUnusual,
  matchNotList,
  matchUnusable,
  valueNotList,
} from '../../lib/evaluation/evaluation.messages.js';
import {
  config,
  EnvelopeFile,
  flagWhen,
  rule,
  serviceOf,
  serviceWith,
  split,
  value,
  when,
} from '../support/configs.js';
import { until } from '../support/networked.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { createWorkspace } from '../support/workspace.js';

const NEVER = false;
const ALWAYS = true;

describe('match values of the wrong form', () => {
  it.each([
    ['PROP_IS_ONE_OF', 'it', NEVER, matchNotList(false)],
    ['PROP_STARTS_WITH_ONE_OF', { a: 1 }, NEVER, matchNotList(false)],
    ['PROP_IS_NOT_ONE_OF', 'it', ALWAYS, matchNotList(true)],
    ['PROP_DOES_NOT_CONTAIN_ONE_OF', null, ALWAYS, matchNotList(true)],
    ['PROP_IS_ONE_OF', ['it', null], ALWAYS, matchElementsUnusual],
    ['PROP_ENDS_WITH_ONE_OF', [{ a: 1 }, 'it'], ALWAYS, matchElementsUnusual],
    ['PROP_IS_NOT_ONE_OF', [['it']], NEVER, matchElementsUnusual],
    ['IN_INT_RANGE', 5, NEVER, matchUnusable('a range such as {"start": 18, "end": 65}')],
    [
      'IN_INT_RANGE',
      { start: 'x' },
      NEVER,
      matchUnusable('a range such as {"start": 18, "end": 65}'),
    ],
    ['PROP_GREATER_THAN', 'x', NEVER, matchUnusable('a number')],
    ['PROP_LESS_THAN_OR_EQUAL', null, NEVER, matchUnusable('a number')],
    ['PROP_BEFORE', 'soon', NEVER, matchUnusable('a time such as 2026-11-01T08:30:00Z')],
    ['PROP_SEMVER_EQUAL', '1.2', NEVER, matchUnusable('a version such as 1.2.3')],
    ['HIERARCHICAL_MATCH', {}, NEVER, matchUnusable('a string')],
    ['PROP_DOES_NOT_MATCH', 5, NEVER, matchUnusable('a pattern')],
  ])(
    '%s with %j is evaluated, and one warning names its place',
    async (operator, match, result, problem) => {
      const logger = new RecordingLogger();
      const service = await serviceOf([flagWhen('flag', when(operator, 'user.it', match))], {
        logger,
      });
      for (let read = 0; read < 3; read++) {
        expect(service.isEnabled('flag', { user: { it: 'it' } })).toBe(result);
      }
      expect(logger.messages('warn')).toEqual([
        finding('flag', 'default rule 1, criterion 1', problem),
      ]);
    },
  );

  it.each([
    ['PROP_IS_ONE_OF', ['it', 5, true]],
    ['PROP_IS_ONE_OF', []],
    ['PROP_IS_NOT_ONE_OF', undefined],
    ['IN_INT_RANGE', {}],
    ['IN_INT_RANGE', { start: '5', end: null }],
    ['PROP_GREATER_THAN', '18'],
    ['IS_PRESENT', null],
  ])('%s with %j causes no warning', async (operator, match) => {
    const logger = new RecordingLogger();
    const service = await serviceOf([flagWhen('flag', when(operator, 'user.it', match))], {
      logger,
    });
    service.isEnabled('flag', { user: { it: 'it' } });
    expect(logger.messages('warn')).toEqual([]);
  });
});

describe('string lists of the wrong form', () => {
  it.each([
    [['a', null, 5], ['a', 'null', '5'], listElementsUnusual],
    ['a,b', [], valueNotList],
  ])(
    'the string list %j is read, and one warning names its place',
    async (stored, expected, problem) => {
      const logger = new RecordingLogger();
      const list = value('string_list', stored);
      const service = await serviceOf(
        [
          config('list', 'string_list', [rule(list)]),
          config('split', 'string_list', [rule(split([{ weight: 1, value: list }]))]),
        ],
        { logger },
      );
      for (let read = 0; read < 3; read++) {
        expect(service.get('list')).toEqual(expected);
        expect(service.get('split')).toEqual(expected);
      }
      expect(logger.messages('warn')).toEqual([
        finding('list', 'default rule 1', problem),
        finding('split', 'default rule 1, variant 1', problem),
      ]);
    },
  );
});

describe('warnings about mistakes in configs', () => {
  it('a mistake is logged once, however often its config is installed and read', async () => {
    const logger = new RecordingLogger();
    const list = (elements: unknown[]) =>
      config('list', 'string_list', [rule(value('string_list', elements))]);
    const file = new EnvelopeFile([list(['a', 5])]);
    const service = await serviceWith({ datafile: file.path, logger });
    expect(service.get('list')).toEqual(['a', '5']);
    file.set([list(['b', 5])]);
    await service.refresh();
    expect(service.get('list')).toEqual(['b', '5']);
    expect(logger.messages('warn')).toHaveLength(1);
  });

  it.each([
    ['before the first read', true],
    ['after the first read', false],
  ])('a mistake that the startup check reports %s is logged once', async (_, checkFirst) => {
    const logger = new RecordingLogger();
    const workspace = createWorkspace({
      configs: [
        {
          key: 'flag',
          type: 'feature_flag',
          valueType: 'bool',
          default: {
            rules: [
              {
                criteria: [
                  {
                    operator: 'IN_INT_RANGE',
                    propertyName: 'user.age',
                    valueToMatch: { type: 'int_range', value: '18-65' },
                  },
                ],
                value: { type: 'bool', value: true },
              },
            ],
          },
        },
      ],
    });
    onTestFinished(() => workspace.cleanup());
    const service = await serviceWith({
      datadir: workspace.path,
      environment: 'production',
      logger,
    });
    if (checkFirst) await until(() => expect(logger.messages('warn')).toHaveLength(1));
    expect(service.get('flag', { user: { age: 20 } }, 'none')).toBe('none');
    await service.close();
    expect(logger.messages('warn')).toEqual([
      expect.stringContaining('"flag", default rule 1, criterion 1'),
    ]);
  });
});
