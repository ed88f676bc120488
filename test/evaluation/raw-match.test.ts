import { describe, expect, it } from 'vitest';
import type { Config, RawMatch } from '../../lib/index.js';
import {
  config,
  constant,
  rule,
  serviceOf,
  setEnv,
  split,
  value,
  when,
} from '../support/configs.js';

const source = { source: 'ENV_VAR', lookup: 'QUONFIG_TEST_UNSET' };

async function rawMatch(key: string, configs: Config[]): Promise<RawMatch | undefined> {
  // The variable and the keys are missing, so resolving anything would throw.
  setEnv({ QUONFIG_TEST_UNSET: undefined });
  return (await serviceOf(configs)).getRawMatch(key);
}

function secret(key: string, decryptWith: string): Config {
  const stored = value('string', 'sealed', { confidential: true, decryptWith });
  return config(key, 'string', [rule(stored)]);
}

describe('a raw match', () => {
  it('a raw match contains the matched value as stored', async () => {
    const service = await serviceOf([
      config('it', 'duration', [
        rule(value('duration', 'PT1S'), when('IS_PRESENT', 'user.key')),
        rule(value('duration', 'malformed')),
      ]),
    ]);
    expect(service.getRawMatch('it')).toEqual({
      config: {
        key: 'it',
        type: 'duration',
        value: 'malformed',
        metadata: {
          configRowIndex: 1,
          conditionalValueIndex: 0,
          type: 'config',
          id: 'id-of-it',
          valueType: 'duration',
        },
      },
    });
    const matched = service.getRawMatch('it', { user: { key: 1 } });
    expect(matched?.config).toMatchObject({ value: 'PT1S', metadata: { configRowIndex: 0 } });
  });

  it('a raw match of a split contains the picked variant', async () => {
    const variants = split([
      { weight: 0, value: value('int', 1) },
      { weight: 1, value: value('int', 2) },
    ]);
    const found = await rawMatch('it', [config('it', 'int', [rule(variants)])]);
    expect(found?.config).toMatchObject({
      type: 'int',
      value: 2,
      metadata: { weightedValueIndex: 1 },
    });
  });

  it('a raw match reads no environment variable', async () => {
    const found = await rawMatch('it', [config('it', 'int', [rule(value('provided', source))])]);
    expect(found?.config).toMatchObject({
      type: 'provided',
      value: source,
      dependencies: [{ dependencyType: 'providedBy', source: 'QUONFIG_TEST_UNSET' }],
    });
  });

  it('a raw match decrypts nothing and lists every key that decryption would need', async () => {
    const found = await rawMatch('it', [
      secret('it', 'key'),
      secret('key', 'outer'),
      config('outer', 'string', [rule(value('provided', source, { confidential: true }))]),
    ]);
    expect(found?.config).toMatchObject({
      value: 'sealed',
      confidential: true,
      dependencies: [
        {
          dependencyType: 'decryptWith',
          source: 'key',
          config: {
            key: 'key',
            value: 'sealed',
            dependencies: [
              {
                dependencyType: 'decryptWith',
                source: 'outer',
                config: { dependencies: [{ dependencyType: 'providedBy' }] },
              },
            ],
          },
        },
      ],
    });
  });

  it.each([
    ['is missing', [secret('it', 'none')]],
    ['is the secret itself', [secret('it', 'it')]],
    ['cannot be evaluated', [secret('it', 'key'), config('key', 'string', ['x' as never])]],
    ['matches no rule', [secret('it', 'key'), config('key', 'string', [])]],
  ])('a raw match leaves out a key config that %s', async (_, configs) => {
    expect((await rawMatch('it', configs))?.config).not.toHaveProperty('dependencies');
  });

  it('a raw match stops at a cycle of keys', async () => {
    const found = await rawMatch('a', [secret('a', 'b'), secret('b', 'a')]);
    expect(found?.config.dependencies).toHaveLength(1);
    expect(found?.config.dependencies?.[0]?.config).not.toHaveProperty('dependencies');
  });

  it('a raw match abbreviates a chain of thousands of keys', async () => {
    const chain = Array.from({ length: 5_000 }, (_, at) => secret(`k${at}`, `k${at + 1}`));
    const found = await rawMatch('k0', chain);
    expect(JSON.stringify(found).length).toBeLessThan(10_000);
  });

  it('a raw match is undefined for an unknown key, no matching rule, or a split without variants', async () => {
    expect(await rawMatch('it', [])).toBeUndefined();
    expect(await rawMatch('it', [config('it', 'int', [])])).toBeUndefined();
    expect(await rawMatch('it', [config('it', 'int', [rule(split([]))])])).toBeUndefined();
  });

  it('a stored value in a raw match is frozen', async () => {
    const found = await rawMatch('it', [constant('it', 'json', { a: { b: 1 } })]);
    const stored = found?.config.value as { a: { b: number } };
    expect(() => {
      stored.a.b = 2;
    }).toThrow(TypeError);
  });
});
