import { describe, expect, it } from 'vitest';
import type { Config, QuonfigService, ValueType } from '../../lib/index.js';
import { config, rule, serviceOf, setEnv, split, thrownBy, value } from '../support/configs.js';

const VARIABLE = 'QUONFIG_TEST_PROVIDED';

function provided(valueType: ValueType, stored: unknown = { source: 'ENV_VAR', lookup: VARIABLE }) {
  return config('provided', valueType, [rule(value('provided', stored))]);
}

async function read(valueType: ValueType, text: string): Promise<unknown> {
  setEnv({ [VARIABLE]: text });
  return (await serviceOf([provided(valueType)])).get('provided');
}

async function refusal(valueType: ValueType, text: string): Promise<Error & { code: string }> {
  setEnv({ [VARIABLE]: text });
  const service = await serviceOf([provided(valueType)]);
  return thrownBy(() => service.get('provided')) as Error & { code: string };
}

describe('a provided value', () => {
  it.each([
    ['string', 'any text ', 'any text '],
    ['string', '', ''],
    ['log_level', 'DEBUG', 'DEBUG'],
    ['int', ' 42 ', 42],
    ['int', '+42', 42],
    ['int', '-042', -42],
    ['int', '9007199254740991', Number.MAX_SAFE_INTEGER],
    ['double', ' 1.5 ', 1.5],
    ['double', '-1.5e-3', -0.0015],
    ['double', '7', 7],
    ['bool', 'true', true],
    ['bool', 'TRUE', true],
    ['bool', '1', true],
    ['bool', 'T', true],
    ['bool', 'yes', true],
    ['bool', 'false', false],
    ['bool', 'on', false],
    ['bool', '', false],
    ['bool', 'y', false],
    ['string_list', 'a, b ,c', ['a', 'b', 'c']],
    ['string_list', ' a ', ['a']],
    ['string_list', 'a,,b', ['a', '', 'b']],
    ['string_list', '', []],
    ['duration', 'PT1M30S', 90_000],
    ['json', '{"a":[1,null]}', { a: [1, null] }],
    ['json', 'null', null],
  ] as const)('a provided %s resolves %j to %j', async (type, text, expected) => {
    expect(await read(type, text)).toEqual(expected);
  });

  it.each([
    ['int', 'secret-1.5'],
    ['int', '1.5'],
    ['int', '12abc'],
    ['int', '0x10'],
    ['int', '1e3'],
    ['int', ''],
    ['int', '9007199254740992'],
    ['int', '-9007199254740992'],
    ['double', 'abc'],
    ['double', '0x10'],
    ['double', 'Infinity'],
    ['double', 'NaN'],
    ['double', '1e999'],
    ['double', '1.5 apples'],
    ['double', ''],
    ['json', '{"a":'],
    ['json', ''],
    ['json', 'secret'],
    ['duration', '30s'],
    ['duration', ''],
  ] as const)('a provided %s refuses %j without quoting it', async (type, text) => {
    const error = await refusal(type, text);
    expect(error).toMatchObject({ code: 'unable_to_coerce_env_var' });
    expect(error.message).toContain('"provided"');
    expect(error.message).toContain(VARIABLE);
    expect(error.message).toContain(type);
    if (text.length > 1) expect(`${error.message} ${error.stack}`).not.toContain(text);
  });

  it('an unset variable throws an error that names the variable and the config', async () => {
    setEnv({ [VARIABLE]: undefined });
    const service = await serviceOf([provided('string')], { onNoDefault: 'ignore' });
    const error = thrownBy(() => service.get('provided', undefined, 'default'));
    expect(error).toMatchObject({ code: 'missing_env_var' });
    expect((error as Error).message).toContain(VARIABLE);
    expect((error as Error).message).toContain('"provided"');
  });

  it('the environment variable is read every time', async () => {
    setEnv({ [VARIABLE]: 'a,b' });
    const service = await serviceOf([provided('string_list')]);
    const first = service.get('provided');
    expect(service.get('provided')).toBe(first);
    process.env[VARIABLE] = 'c';
    expect(service.get('provided')).toEqual(['c']);
  });

  it('a provided value without a source comes from the environment', async () => {
    setEnv({ [VARIABLE]: 'text' });
    const service = await serviceOf([provided('string', { lookup: VARIABLE })]);
    expect(service.get('provided')).toBe('text');
  });

  it.each([
    ['another source', { source: 'VAULT', lookup: VARIABLE }],
    ['no variable', { source: 'ENV_VAR' }],
    ['a number as the variable', { source: 'ENV_VAR', lookup: 5 }],
    ['a string instead of an object', VARIABLE],
    ['null', null],
  ])('a provided value with %s throws instead of being returned as stored', async (_, stored) => {
    setEnv({ [VARIABLE]: 'text' });
    const service = await serviceOf([provided('string', stored)]);
    expect(thrownBy(() => service.get('provided'))).toMatchObject({ code: 'invalid_config' });
  });

  it('a provided value may be a split variant', async () => {
    setEnv({ [VARIABLE]: '7' });
    const stored = value('provided', { source: 'ENV_VAR', lookup: VARIABLE });
    const splitting: Config = config('flag', 'int', [rule(split([{ weight: 1, value: stored }]))]);
    const service: QuonfigService = await serviceOf([splitting]);
    expect(service.get('flag')).toBe(7);
  });

  it('provided JSON and lists are frozen', async () => {
    expect(Object.isFrozen(await read('string_list', 'a,b'))).toBe(true);
    const json = (await read('json', '{"a":{"b":[]}}')) as { a: { b: unknown[] } };
    expect([json, json.a, json.a.b].every((part) => Object.isFrozen(part))).toBe(true);
  });
});
