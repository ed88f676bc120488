import crypto, { createCipheriv, randomBytes } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Config, QuonfigError, ValueType } from '../../lib/index.js';
import {
  config,
  constant,
  rule,
  serviceOf,
  setEnv,
  split,
  thrownBy,
  value,
  when,
} from '../support/configs.js';

const KEY = randomBytes(32).toString('hex');
const PLAIN = 'pl4in-t3xt-of-the-secret';

function encrypt(text: string, key = KEY, ivBytes = 12): string {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key, 'hex'), iv);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return [sealed, iv, cipher.getAuthTag()].map((part) => part.toString('hex')).join('--');
}

function hidden(stored: unknown, decryptWith = 'key') {
  return value('string', stored, { confidential: true, decryptWith });
}

function secret(stored: unknown, valueType: ValueType = 'string', decryptWith = 'key'): Config {
  return config('secret', valueType, [rule(hidden(stored, decryptWith))]);
}

const keyConfig = constant('key', 'string', KEY);

/** Returns what reading `secret` throws, and expects nothing secret in it. */
async function failure(configs: Config[]): Promise<QuonfigError> {
  const service = await serviceOf(configs);
  const error = thrownBy(() => service.get('secret', undefined, 'default')) as QuonfigError;
  const text = `${error.message} ${error.stack} ${String(error.cause)}`;
  for (const leak of [KEY, PLAIN, ...storedTexts(configs)]) expect(text).not.toContain(leak);
  const { errorCode, errorMessage } = service.explain('secret').outcome;
  expect([errorCode, errorMessage]).toEqual(['GENERAL', error.message]);
  return error;
}

function storedTexts(configs: Config[]): string[] {
  return configs
    .flatMap(({ default: rules }) => rules?.rules ?? [])
    .map((one) => one.value.value)
    .filter((stored): stored is string => typeof stored === 'string' && stored.length > 4);
}

describe('an encrypted value', () => {
  it('reads return an encrypted value as plaintext', async () => {
    const service = await serviceOf([secret(encrypt(PLAIN)), keyConfig]);
    expect(service.get('secret')).toBe(PLAIN);
    expect(service.getString('secret')).toBe(PLAIN);
    expect(service.getStringDetails('secret')).toMatchObject({ value: PLAIN, reason: 'STATIC' });
  });

  it.each(['zürich 😀', 'with -- inside', ' '])(
    'the plaintext may be any string: %j',
    async (text) => {
      const service = await serviceOf([secret(encrypt(text)), keyConfig]);
      expect(service.get('secret')).toBe(text);
    },
  );

  it('an encrypted value without data is an empty string', async () => {
    const [, iv, tag] = encrypt('').split('--');
    const service = await serviceOf([secret(`--${iv}--${tag}`), keyConfig]);
    expect(service.get('secret')).toBe('');
  });

  it('ciphertext and key may be uppercase hex', async () => {
    const service = await serviceOf([
      secret(encrypt(PLAIN).toUpperCase()),
      constant('key', 'string', KEY.toUpperCase()),
    ]);
    expect(service.get('secret')).toBe(PLAIN);
  });

  it.each([
    ['int', '42', 42],
    ['double', '1.5', 1.5],
    ['bool', 'true', true],
    ['string_list', 'a, b', ['a', 'b']],
    ['duration', 'PT1S', 1_000],
    ['json', '{"a":1}', { a: 1 }],
  ] as const)('a plaintext is coerced to the declared type %s', async (type, text, expected) => {
    const service = await serviceOf([secret(encrypt(text), type), keyConfig]);
    expect(service.get('secret')).toEqual(expected);
  });

  it('a plaintext that does not fit the declared type throws without quoting it', async () => {
    const error = await failure([secret(encrypt(PLAIN), 'int'), keyConfig]);
    expect(error.code).toBe('unable_to_coerce_env_var');
  });

  it('a value is decrypted once, however often it is read', async () => {
    const decipher = vi.spyOn(crypto, 'createDecipheriv');
    syncBuiltinESMExports();
    onTestFinished(() => {
      decipher.mockRestore();
      syncBuiltinESMExports();
    });
    const service = await serviceOf([secret(encrypt(PLAIN)), keyConfig]);
    for (let read = 0; read < 5; read++) expect(service.get('secret')).toBe(PLAIN);
    expect(decipher).toHaveBeenCalledTimes(1);
  });

  it('a value is not decrypted unless it is confidential and names a key', async () => {
    const stored = encrypt(PLAIN);
    const service = await serviceOf([
      config('open', 'string', [rule(value('string', stored, { decryptWith: 'key' }))]),
      config('keyless', 'string', [rule(value('string', stored, { confidential: true }))]),
      keyConfig,
    ]);
    expect(service.get('open')).toBe(stored);
    expect(service.get('keyless')).toBe(stored);
  });

  it('a split variant may be encrypted, and ciphertext may come from an environment variable', async () => {
    setEnv({ QUONFIG_TEST_CIPHERTEXT: encrypt(PLAIN) });
    const service = await serviceOf([
      config('split', 'string', [rule(split([{ weight: 1, value: hidden(encrypt(PLAIN)) }]))]),
      config('provided', 'string', [
        rule({
          ...hidden({ source: 'ENV_VAR', lookup: 'QUONFIG_TEST_CIPHERTEXT' }),
          type: 'provided',
        }),
      ]),
      keyConfig,
    ]);
    expect(service.get('split')).toBe(PLAIN);
    expect(service.get('provided')).toBe(PLAIN);
  });
});

describe('the key of an encrypted value', () => {
  it('the key of an encrypted value may come from an environment variable, which is read every time', async () => {
    setEnv({ QUONFIG_TEST_KEY: KEY });
    const service = await serviceOf([
      secret(encrypt(PLAIN)),
      config('key', 'string', [
        rule(value('provided', { source: 'ENV_VAR', lookup: 'QUONFIG_TEST_KEY' })),
      ]),
    ]);
    expect(service.get('secret')).toBe(PLAIN);
    process.env['QUONFIG_TEST_KEY'] = 'f'.repeat(64);
    expect(() => service.get('secret')).toThrow('authentication failed');
    delete process.env['QUONFIG_TEST_KEY'];
    expect(() => service.get('secret')).toThrow('QUONFIG_TEST_KEY');
    process.env['QUONFIG_TEST_KEY'] = KEY;
    expect(service.get('secret')).toBe(PLAIN);
  });

  it('the key of an encrypted value may itself be encrypted', async () => {
    const outerKey = randomBytes(32).toString('hex');
    const service = await serviceOf([
      secret(encrypt(PLAIN)),
      config('key', 'string', [rule(hidden(encrypt(KEY, outerKey), 'outer'))]),
      constant('outer', 'string', outerKey),
    ]);
    expect(service.get('secret')).toBe(PLAIN);
  });

  it('the key config is evaluated with the environment and contexts of the read', async () => {
    const other = randomBytes(32).toString('hex');
    const key: Config = {
      ...config('key', 'string', [rule(value('string', 'of no environment'))]),
      environment: {
        id: 'production',
        rules: [
          rule(value('string', KEY), when('PROP_IS_ONE_OF', 'user.plan', ['pro'])),
          rule(value('string', other)),
        ],
      },
    };
    const service = await serviceOf([secret(encrypt(PLAIN)), key]);
    for (let round = 0; round < 2; round++) {
      expect(service.get('secret', { user: { plan: 'pro' } })).toBe(PLAIN);
      expect(() => service.get('secret')).toThrow('authentication failed');
    }
  });

  it.each([
    ['is missing', []],
    ['matches no rule', [config('key', 'string', [])]],
    ['is empty', [constant('key', 'string', '')]],
    ['is too short', [constant('key', 'string', KEY.slice(2))]],
    ['is too long', [constant('key', 'string', `${KEY}00`)]],
    ['is not hex', [constant('key', 'string', `x${KEY.slice(1)}`)]],
    ['ends with a line break', [constant('key', 'string', `${KEY}\n`)]],
    ['is a number', [constant('key', 'int', 5)]],
    ['is a different one', [constant('key', 'string', 'ab'.repeat(32))]],
  ])('decryption fails with an error if the key %s', async (_, keys) => {
    const error = await failure([secret(encrypt(PLAIN)), ...keys]);
    expect(error.code).toBe('unable_to_decrypt');
    expect(error.message).toContain('"secret"');
    expect(error.message).toMatch(/Reads of it fail\. (Add it|Correct the key|Check the key)/);
  });
});

describe('malformed ciphertext', () => {
  const [data, iv, tag] = encrypt(PLAIN).split('--') as [string, string, string];
  const flipped = (hex: string) => (hex.startsWith('0') ? '1' : '0') + hex.slice(1);

  it.each([
    ['of two parts', `${data}--${iv}`],
    ['of four parts', `${data}--${iv}--${tag}--00`],
    ['that is empty', ''],
    ['with a part that is not hex', `${data}--${iv.slice(1)}x--${tag}`],
    ['with data of odd length', `${data}0--${iv}--${tag}`],
    ['with an IV of 11 bytes', `${data}--${iv.slice(2)}--${tag}`],
    ['with an IV of 16 bytes', encrypt(PLAIN, KEY, 16)],
    ['with an empty IV', `${data}----${tag}`],
    ['with a tag of 4 bytes, which the cipher would accept', `${data}--${iv}--${tag.slice(0, 8)}`],
    ['with a tag of 15 bytes', `${data}--${iv}--${tag.slice(2)}`],
    ['with an empty tag', `${data}--${iv}--`],
    ['with changed data', `${flipped(data)}--${iv}--${tag}`],
    ['with a changed IV', `${data}--${flipped(iv)}--${tag}`],
    ['with a changed tag', `${data}--${iv}--${flipped(tag)}`],
    ['with a tag of 4 bytes and no data', `--${iv}--${tag.slice(0, 8)}`],
    ['that is a number', 5],
    ['that is an object', { data }],
  ])('ciphertext %s is refused', async (_, stored) => {
    const error = await failure([secret(stored), keyConfig]);
    expect(error.code).toBe('unable_to_decrypt');
    expect(error.message).toMatch(/Reads of it fail\. .*[Ee]ncrypt the value again/);
    for (const leak of [data, iv, tag]) expect(error.message).not.toContain(leak);
  });
});

describe('chains of keys', () => {
  const sealed = encrypt(PLAIN);

  it.each([
    ['the secret itself', [secret(sealed, 'string', 'secret')]],
    [
      'the secret via another key',
      [secret(sealed), config('key', 'string', [rule(hidden(sealed, 'secret'))])],
    ],
    [
      'a key that needs itself',
      [secret(sealed), config('key', 'string', [rule(hidden(sealed, 'key'))])],
    ],
  ])('a decryption cycle fails with an error that names the problem: %s', async (_, configs) => {
    const error = await failure(configs);
    expect(error.code).toBe('unable_to_decrypt');
    expect(error.message).toContain('decryptWith cycle');
    expect(error.message).toContain('Store one of these keys without decryptWith.');
  });

  it('a chain of thousands of keys does not overflow the stack', async () => {
    const chain = Array.from({ length: 5_000 }, (_, at) =>
      config(`key${at}`, 'string', [rule(hidden(sealed, `key${at + 1}`))]),
    );
    const error = await failure([secret(sealed, 'string', 'key0'), ...chain]);
    expect(error.code).toBe('unable_to_decrypt');
  });
});
