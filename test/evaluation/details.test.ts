import { describe, expect, it } from 'vitest';
import type { Config, EvaluationDetails, QuonfigService, ValueType } from '../../lib/index.js';
import {
  always,
  config,
  constant,
  flagWhen,
  rule,
  serviceOf,
  serviceWith,
  setEnv,
  split,
  value,
  when,
  yes,
} from '../support/configs.js';
import { notConvertible, notInitialized } from '../../lib/reads/reads.messages.js';
import { RecordingLogger } from '../support/recording-logger.js';

const pro = when('PROP_IS_ONE_OF', 'user.plan', ['pro']);
const PRO = { user: { plan: 'pro' } };

type Method =
  | 'getBoolDetails'
  | 'getStringDetails'
  | 'getNumberDetails'
  | 'getStringListDetails'
  | 'getJSONDetails'
  | 'getDurationDetails'
  | 'getDurationStringDetails';

const STORED: Record<ValueType, unknown> = {
  bool: true,
  int: 5,
  double: 1.5,
  string: 'text',
  json: { a: 1 },
  string_list: ['a'],
  duration: 'PT1S',
  log_level: 'INFO',
};

describe('declared types and details', () => {
  it.each<[Method, ValueType[]]>([
    ['getBoolDetails', ['bool']],
    ['getStringDetails', ['string', 'log_level']],
    ['getNumberDetails', ['int', 'double', 'duration']],
    ['getStringListDetails', ['string_list']],
    ['getJSONDetails', ['json', 'string_list']],
    ['getDurationDetails', ['duration']],
    ['getDurationStringDetails', ['duration']],
  ])('%s accepts exactly %j', async (method, accepted) => {
    const types = Object.keys(STORED) as ValueType[];
    const service = await serviceOf(types.map((type) => constant(type, type, STORED[type])));
    for (const type of types) {
      const details: EvaluationDetails = service[method](type);
      if (accepted.includes(type)) {
        expect(details).toEqual({
          value: method === 'getDurationStringDetails' ? STORED[type] : service.get(type),
          reason: 'STATIC',
          variant: 'static',
          flagMetadata: {
            configId: `id-of-${type}`,
            configType: 'CONFIG',
            environment: 'production',
          },
        });
      } else {
        expect(details).toMatchObject({
          value: undefined,
          reason: 'ERROR',
          errorCode: 'TYPE_MISMATCH',
          variant: 'default',
          flagMetadata: { configId: `id-of-${type}`, configType: 'CONFIG' },
        });
        expect(details.errorMessage).toContain(`"${type}" is declared as ${type}`);
      }
    }
  });
});

describe('details without a plain value', () => {
  it('details of an unknown key have the error code FLAG_NOT_FOUND', async () => {
    const service = await serviceOf([]);
    expect(service.getBoolDetails('nowhere')).toEqual({
      value: undefined,
      reason: 'ERROR',
      errorCode: 'FLAG_NOT_FOUND',
      errorMessage:
        'No config has the key "nowhere", so there is no value. Correct the key, or add the config.',
      variant: 'default',
      flagMetadata: {},
    });
  });

  it('details before the first load have the error code GENERAL', async () => {
    const service = await serviceWith({
      datafile: '/nowhere/at/all.json',
      onInitFailure: 'return-defaults',
      logger: new RecordingLogger(),
    });
    for (const details of [service.getBoolDetails('it'), service.explain('it').outcome]) {
      expect(details).toEqual({
        value: undefined,
        reason: 'ERROR',
        errorCode: 'GENERAL',
        errorMessage: notInitialized,
        variant: 'default',
        flagMetadata: {},
      });
    }
  });

  it('details have the reason DEFAULT when no rule matches', async () => {
    const service = await serviceOf([config('it', 'bool', [rule(yes, pro)], 'feature_flag')]);
    expect(service.getBoolDetails('it')).toEqual({
      value: undefined,
      reason: 'DEFAULT',
      variant: 'default',
      flagMetadata: {
        configId: 'id-of-it',
        configType: 'FEATURE_FLAG',
        environment: 'production',
      },
    });
  });

  it.each<[string, ValueType, Method, Config['default']]>([
    [
      'an environment variable is not set',
      'string',
      'getStringDetails',
      { rules: [rule(value('provided', { lookup: 'QUONFIG_TEST_UNSET' }))] },
    ],
    [
      'a secret cannot be decrypted',
      'string',
      'getStringDetails',
      { rules: [rule(value('string', 'x', { confidential: true, decryptWith: 'none' }))] },
    ],
    [
      'a duration is malformed',
      'duration',
      'getDurationDetails',
      { rules: [rule(value('duration', '30s'))] },
    ],
    [
      'JSON is stored as a string',
      'json',
      'getJSONDetails',
      { rules: [rule(value('json', '{"a":1}'))] },
    ],
  ])('details have the error code GENERAL when %s', async (_, valueType, method, rules) => {
    setEnv({ QUONFIG_TEST_UNSET: undefined });
    const service = await serviceOf([{ ...config('it', valueType, []), default: rules }]);
    const details: EvaluationDetails = service[method]('it');
    expect(details).toMatchObject({
      value: undefined,
      reason: 'ERROR',
      errorCode: 'GENERAL',
      variant: 'default',
      flagMetadata: { configId: 'id-of-it' },
    });
    expect(details.errorMessage).toContain('"it"');
  });

  it('details have the error code TYPE_MISMATCH when the value does not convert', async () => {
    const service = await serviceOf([
      config('number', 'int', [rule(value('string', 'text'))]),
      config('list', 'string_list', [rule(value('string', 'text'))]),
    ]);
    expect(service.getNumberDetails('number')).toMatchObject({
      value: undefined,
      reason: 'ERROR',
      errorCode: 'TYPE_MISMATCH',
      errorMessage: notConvertible('number', 'number'),
    });
    expect(service.getNumberDetails('number').errorMessage).toContain('Correct the stored');
    expect(service.getStringListDetails('list')).toMatchObject({ errorCode: 'TYPE_MISMATCH' });
  });

  it('details have no configId when the config has no id', async () => {
    const { id: _, ...anonymous } = constant('it', 'bool', true);
    const service = await serviceOf([anonymous]);
    expect(service.getBoolDetails('it').flagMetadata).toEqual({
      configType: 'CONFIG',
      environment: 'production',
    });
  });

  it('details of a JSON null have the value null', async () => {
    const service = await serviceOf([constant('it', 'json', null)]);
    expect(service.getJSONDetails('it')).toMatchObject({ value: null, reason: 'STATIC' });
  });
});

describe('the reason', () => {
  function reasonOf(service: QuonfigService, contexts = {}) {
    const { reason, variant, flagMetadata } = service.getBoolDetails('it', contexts);
    return [reason, variant, flagMetadata.ruleIndex, flagMetadata.weightedValueIndex];
  }

  it.each([
    ['no criteria', [rule(yes)]],
    ['ALWAYS_TRUE only', [rule(yes, always, always)]],
    ['further rules that match everybody', [rule(yes), rule(yes, always)]],
  ])('the reason is STATIC with %s', async (_, rules) => {
    const service = await serviceOf([config('it', 'bool', rules)]);
    expect(reasonOf(service)).toEqual(['STATIC', 'static', undefined, undefined]);
  });

  it('the reason is TARGETING_MATCH for every rule of a config that targets', async () => {
    const service = await serviceOf([flagWhen('it', pro)]);
    expect(reasonOf(service, PRO)).toEqual(['TARGETING_MATCH', 'targeting:0', 0, undefined]);
    expect(reasonOf(service)).toEqual(['TARGETING_MATCH', 'targeting:1', 1, undefined]);
  });

  it('the reason is TARGETING_MATCH even if only a later rule or the other list targets', async () => {
    const later = await serviceOf([config('it', 'bool', [rule(yes), rule(yes, pro)])]);
    expect(reasonOf(later)).toEqual(['TARGETING_MATCH', 'targeting:0', 0, undefined]);
    const other = await serviceOf([
      {
        ...config('it', 'bool', [rule(yes, pro)]),
        environment: { id: 'production', rules: [rule(yes)] },
      },
    ]);
    expect(reasonOf(other)).toEqual(['TARGETING_MATCH', 'targeting:0', 0, undefined]);
  });

  it('ruleIndex counts environment rules and default rules from 0 each', async () => {
    const service = await serviceOf([
      {
        ...config('it', 'bool', [rule(yes)]),
        environment: {
          id: 'production',
          rules: [rule(yes, pro, when('IS_PRESENT', 'user.x')), rule(yes, pro)],
        },
      },
    ]);
    expect(reasonOf(service, PRO)).toEqual(['TARGETING_MATCH', 'targeting:1', 1, undefined]);
    expect(reasonOf(service)).toEqual(['TARGETING_MATCH', 'targeting:0', 0, undefined]);
  });

  it('the reason is SPLIT whenever a variant is picked, with or without targeting', async () => {
    const variants = split([
      { weight: 1, value: yes },
      { weight: 1, value: yes },
    ]);
    for (const [random, index] of [
      [0.1, 0],
      [0.9, 1],
    ] as const) {
      const service = await serviceOf([config('it', 'bool', [rule(variants)])], {
        random: () => random,
      });
      expect(reasonOf(service)).toEqual(['SPLIT', `split:${index}`, 0, index]);
    }
    const targeted = await serviceOf(
      [config('it', 'bool', [rule(yes, when('IS_PRESENT', 'user.x')), rule(variants, pro)])],
      { random: () => 0 },
    );
    expect(reasonOf(targeted, PRO)).toEqual(['SPLIT', 'split:0', 1, 0]);
  });
});
