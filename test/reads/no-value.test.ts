import { describe, expect, it } from 'vitest';
import type { OnNoDefault, QuonfigService } from '../../lib/index.js';
import {
  noConfigHasKey,
  noConfigsYet,
  noRuleApplies,
  noRules,
  noRulesForEnvironment,
  noValueFound,
} from '../../lib/reads/reads.messages.js';
import {
  config,
  constant,
  rule,
  serviceOf,
  serviceWith,
  setEnv,
  split,
  thrownBy,
  value,
  when,
  yes,
} from '../support/configs.js';
import { RecordingLogger } from '../support/recording-logger.js';

const GETTERS = {
  get: 'text',
  getString: 'text',
  getNumber: 7,
  getBool: true,
  getStringList: ['x'],
  getDuration: 7,
  getJSON: { a: 1 },
} as const;

const KEYS = ['unknown', 'unmatched', 'split-among-nothing'];

function service(
  onNoDefault: OnNoDefault | undefined,
  log = new RecordingLogger(),
): Promise<QuonfigService> {
  return serviceOf(
    [
      config('unmatched', 'bool', [rule(yes, when('IS_PRESENT', 'user.none'))]),
      config('split-among-nothing', 'bool', [rule(split([]))]),
    ],
    {
      logger: log,
      // Has messages of its own.
      onUnknownKey: 'silent',
      ...(onNoDefault !== undefined && { onNoDefault }),
    },
  );
}

function read(quonfig: QuonfigService, getter: string, key: string, fallback?: unknown): unknown {
  const method = getter as 'get';
  return quonfig[method](key, undefined, fallback);
}

describe('reads without a value', () => {
  it.each(['error', 'warn', 'ignore'] as const)(
    'a read without a value returns the default silently under onNoDefault "%s"',
    async (policy) => {
      const log = new RecordingLogger();
      const quonfig = await service(policy, log);
      for (const key of KEYS) {
        for (const [getter, fallback] of Object.entries(GETTERS)) {
          expect(read(quonfig, getter, key, fallback)).toBe(fallback);
        }
        for (const fallback of [null, false, 0, '']) {
          expect(read(quonfig, 'get', key, fallback)).toBe(fallback);
        }
      }
      expect(log.messages('warn')).toEqual([]);
    },
  );

  it.each(['error', undefined] as const)(
    'a read without value and default throws under onNoDefault %s',
    async (policy) => {
      const quonfig = await service(policy);
      for (const key of KEYS) {
        for (const getter of Object.keys(GETTERS)) {
          const error = thrownBy(() => read(quonfig, getter, key)) as Error;
          expect(error).toMatchObject({ code: 'missing_default', name: 'MissingDefaultError' });
          expect(error.message).toContain(`No value found for key "${key}"`);
        }
      }
    },
  );

  it('a read without value and default warns and returns undefined under onNoDefault "warn"', async () => {
    for (const key of KEYS) {
      for (const getter of Object.keys(GETTERS)) {
        const log = new RecordingLogger();
        expect(read(await service('warn', log), getter, key)).toBeUndefined();
        const reason =
          key === 'unknown' ? noConfigHasKey(undefined) : noRulesForEnvironment('production');
        expect(log.messages('warn')).toEqual([noValueFound(key, reason, 'undefined')]);
      }
    }
  });

  it('a read without value and default returns undefined silently under onNoDefault "ignore"', async () => {
    const log = new RecordingLogger();
    const quonfig = await service('ignore', log);
    for (const key of KEYS) {
      for (const getter of Object.keys(GETTERS)) {
        expect(read(quonfig, getter, key)).toBeUndefined();
      }
    }
    expect(log.messages('warn')).toEqual([]);
  });
});

describe('messages about a missing value', () => {
  const never = rule(yes, when('IS_PRESENT', 'user.none'));
  const messageOf = (quonfig: QuonfigService): string =>
    (thrownBy(() => quonfig.get('it')) as Error).message;

  it.each([
    ['an unknown key', [], noConfigHasKey(undefined)],
    ['a config without rules', [config('it', 'bool', [])], noRules('production')],
    [
      'a config with rules of another environment only',
      [{ ...config('it', 'bool', []), environment: { id: 'staging', rules: [rule(yes)] } }],
      noRules('production'),
    ],
    [
      'a config whose default rules do not match',
      [config('it', 'bool', [never])],
      noRulesForEnvironment('production'),
    ],
    [
      'a config whose rules of the environment do not match',
      [{ ...config('it', 'bool', []), environment: { id: 'production', rules: [never] } }],
      noRuleApplies('production'),
    ],
  ])('the message about %s says why, and names the policy', async (_, configs, reason) => {
    const other = config('other', 'bool', [rule(yes)]);
    const strict = await serviceOf([...configs, other]);
    expect(messageOf(strict)).toContain(`: ${reason} `);
    expect(messageOf(strict)).toContain('onNoDefault is "error"');
    const log = new RecordingLogger();
    const options = { onNoDefault: 'warn', onUnknownKey: 'silent', logger: log } as const;
    (await serviceOf([...configs, other], options)).get('it');
    expect(log.messages('warn')).toEqual([noValueFound('it', reason, 'undefined')]);
    expect(log.text).toContain('onNoDefault is "warn"');
  });

  it('the message before the first load says that there are no configs yet', async () => {
    const quonfig = await serviceWith({
      datafile: '/nowhere/at/all.json',
      onInitFailure: 'return-defaults',
      logger: new RecordingLogger(),
    });
    expect(messageOf(quonfig)).toContain(noConfigsYet());
  });
});

describe('isEnabled', () => {
  it.each(['error', 'warn', 'ignore'] as const)(
    'isEnabled returns false for an unknown key under onNoDefault "%s"',
    async (policy) => {
      const log = new RecordingLogger();
      expect((await service(policy, log)).isEnabled('unknown')).toBe(false);
      expect(log.messages('warn')).toEqual(
        policy === 'warn' ? [noValueFound('unknown', noConfigHasKey(undefined), 'false')] : [],
      );
    },
  );

  it('isEnabled throws for a known key without a value under onNoDefault "error" and otherwise returns false', async () => {
    for (const key of ['unmatched', 'split-among-nothing']) {
      const strict = await service('error');
      expect(thrownBy(() => strict.isEnabled(key))).toMatchObject({ code: 'missing_default' });
      expect((await service('warn')).isEnabled(key)).toBe(false);
      expect((await service('ignore')).isEnabled(key)).toBe(false);
    }
  });
});

describe('values that cannot be resolved', () => {
  it.each(['error', 'warn', 'ignore'] as const)(
    'a value that cannot be resolved throws even with a default under onNoDefault "%s"',
    async (policy) => {
      setEnv({ QUONFIG_TEST_UNSET: undefined, QUONFIG_TEST_TEXT: 'no number' });
      const quonfig = await serviceOf(
        [
          config('unset', 'string', [rule(value('provided', { lookup: 'QUONFIG_TEST_UNSET' }))]),
          config('unfit', 'int', [rule(value('provided', { lookup: 'QUONFIG_TEST_TEXT' }))]),
          config('sealed', 'string', [
            rule(value('string', 'x', { confidential: true, decryptWith: 'none' })),
          ]),
          constant('text-for-json', 'json', '{"a":1}'),
        ],
        { onNoDefault: policy },
      );
      for (const [key, code] of [
        ['unset', 'missing_env_var'],
        ['unfit', 'unable_to_coerce_env_var'],
        ['sealed', 'unable_to_decrypt'],
        ['text-for-json', 'unable_to_coerce_env_var'],
      ] as const) {
        for (const getter of Object.keys(GETTERS)) {
          expect(thrownBy(() => read(quonfig, getter, key))).toMatchObject({ code });
          expect(thrownBy(() => read(quonfig, getter, key, 'default'))).toMatchObject({ code });
        }
        expect(thrownBy(() => quonfig.isEnabled(key))).toMatchObject({ code });
      }
    },
  );
});

describe('a service without configs', () => {
  it('a service without configs returns defaults, throws without them, and reports flags as off', async () => {
    const quonfig = await serviceWith({
      datafile: '/nowhere/at/all.json',
      onInitFailure: 'return-defaults',
      logger: new RecordingLogger(),
    });
    expect(quonfig.ready()).toBe(false);
    for (const [getter, fallback] of Object.entries(GETTERS)) {
      expect(read(quonfig, getter, 'it', fallback)).toBe(fallback);
      expect(thrownBy(() => read(quonfig, getter, 'it'))).toMatchObject({
        code: 'missing_default',
      });
    }
    expect(quonfig.isEnabled('it')).toBe(false);
    expect(quonfig.keys()).toEqual([]);
    expect(quonfig.rawConfig('it')).toBeUndefined();
    expect(quonfig.getRawMatch('it')).toBeUndefined();
    expect(quonfig.explain('it')).toMatchObject({ rules: [], environment: '', version: '' });
    expect(quonfig.shouldLog({ configKey: 'it', desiredLevel: 'warn' })).toBe(true);
    expect(quonfig.shouldLog({ configKey: 'it', desiredLevel: 'info' })).toBe(false);
  });
});
