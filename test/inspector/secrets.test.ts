import { createCipheriv, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../lib/index.js';
import type { KeyPage } from '../../lib/inspector/key-list.js';
import {
  config,
  constant,
  flagWhen,
  rule,
  setEnv,
  split,
  value,
  when,
} from '../support/configs.js';
import { inspected } from './support/application.js';

const KEY = randomBytes(32).toString('hex');
const SECRETS = ['plain-secret', 'encrypted-secret', 'provided-secret', 'variant-secret', KEY];

function encrypted(text: string): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(KEY, 'hex'), iv);
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return [data, iv, cipher.getAuthTag()].map((part) => part.toString('hex')).join('--');
}

const ciphertext = encrypted('encrypted-secret');
const secret = value('string', 'plain-secret', { confidential: true });
const provided = value('provided', { source: 'ENV_VAR', lookup: 'INSPECTED_SECRET' });

const configs: Config[] = [
  config('confidential', 'string', [rule(secret)]),
  config('encrypted', 'string', [
    rule(value('string', ciphertext, { confidential: true, decryptWith: 'the.key' })),
  ]),
  constant('the.key', 'string', KEY),
  config('provided', 'string', [rule(provided)]),
  config('variants', 'string', [
    rule(
      split(
        [
          { weight: 1, value: value('string', 'variant-secret', { confidential: true }) },
          { weight: 1, value: provided },
          { weight: 1, value: value('string', 'shown') },
        ],
        'user.key',
      ),
    ),
  ]),
  flagWhen('hidden.match', {
    operator: 'PROP_IS_ONE_OF',
    propertyName: 'user.token',
    valueToMatch: { type: 'string_list', value: ['plain-secret'], confidential: true },
  }),
];

/** Everything that the inspector says. */
async function everything(change = false): Promise<string> {
  setEnv({ INSPECTED_SECRET: 'provided-secret' });
  const { ask, update } = await inspected(configs);
  if (change) {
    await update([]);
    await update(configs);
  }
  const texts: string[] = [];
  for (const user of ['a', 'b', 'c', 'd', 'e', 'f']) {
    const contexts = { user: { key: user } };
    const paths = configs.map(({ key }) => `/api/key?key=${key}`);
    for (const path of ['/api/keys', ...paths]) {
      texts.push(await (await ask(path, contexts)).text());
    }
  }
  for (const path of [
    '/api/health',
    '/api/history',
    '/api/differences?update=2',
    '/api/differences?update=3',
  ]) {
    texts.push(await (await ask(path)).text());
  }
  return texts.join('\n');
}

describe('secrets in the inspector', () => {
  it('no response contains a confidential, encrypted or provided value, or a key that decrypts', async () => {
    const text = await everything();
    for (const hidden of [...SECRETS, ciphertext]) expect(text).not.toContain(hidden);
    expect(text).toContain('shown');
  });

  it('no difference in the history contains a secret', async () => {
    const text = await everything(true);
    for (const hidden of [...SECRETS, ciphertext]) expect(text).not.toContain(hidden);
    expect(text).toContain('a hidden value');
  });

  it('a decryption key stays hidden in the history when nothing needs it anymore', async () => {
    const odd = 'not-64-digits-but-a-key';
    const needing = value('string', ciphertext, { confidential: true, decryptWith: 'odd.key' });
    const application = await inspected([
      constant('odd.key', 'string', odd),
      config('encrypted', 'string', [rule(needing)]),
    ]);
    await application.json('/api/keys');
    await application.update([]);
    expect(await (await application.ask('/api/differences?update=2')).text()).not.toContain(odd);
  });

  it('a value that looks like an encryption key is hidden, needed or not', async () => {
    const { json } = await inspected([constant('new.key', 'string', KEY)]);
    const { rows } = await json<KeyPage>('/api/keys');
    expect(rows[0]!.value).toEqual({ hidden: 'encryption key' });
  });

  it('a rollout that is confidential as a whole shows none of its variants', async () => {
    const variants = [
      { weight: 1, value: value('string', 'plain-secret') },
      { weight: 1, value: value('string', 'variant-secret') },
    ];
    const { ask, update } = await inspected([
      config('whole', 'string', [rule({ ...split(variants, 'user.key'), confidential: true })]),
      config('nested', 'string', [
        rule(
          split(
            [
              {
                weight: 1,
                value: split(
                  variants.map((one) => ({ ...one, value: secret })),
                  'user.key',
                ),
              },
            ],
            'user.key',
          ),
        ),
      ]),
    ]);
    const paths = ['/api/keys', '/api/key?key=whole', '/api/key?key=nested'];
    for (const path of [...paths, '/api/differences?update=2']) {
      if (path.includes('differences')) await update([]);
      const text = await (await ask(path, { user: { key: 'a' } })).text();
      for (const hidden of SECRETS) expect(text, path).not.toContain(hidden);
    }
  });

  it('neither a hidden pattern nor the error in it is shown', async () => {
    const hidden = (pattern: string) => ({
      operator: 'PROP_MATCHES',
      propertyName: 'user.code',
      valueToMatch: { type: 'string' as const, value: pattern, confidential: true },
    });
    const { ask, json } = await inspected([
      flagWhen('usable', hidden('^pattern-secret$')),
      flagWhen('unusable', hidden('[z-secret')),
      flagWhen('shown', when('PROP_MATCHES', 'user.code', '^shown$')),
    ]);
    const code = { user: { code: 'x' } };
    const paths = ['/api/keys', '/api/key?key=usable', '/api/key?key=unusable', '/api/health'];
    for (const path of paths) {
      expect(await (await ask(path, code)).text(), path).not.toContain('secret');
    }
    expect(await json('/api/health')).toMatchObject({
      patterns: [{ key: 'shown', pattern: '^shown$' }],
      patternCount: 1,
    });
  });

  it('the list says why a value is hidden', async () => {
    setEnv({ INSPECTED_SECRET: 'provided-secret' });
    const { json } = await inspected(configs);
    const { rows } = await json<KeyPage>('/api/keys');
    const values = Object.fromEntries(rows.map((row) => [row.key, row.value]));
    expect(values).toMatchObject({
      confidential: { hidden: 'confidential' },
      encrypted: { hidden: 'confidential' },
      provided: { hidden: 'environment variable', variable: 'INSPECTED_SECRET' },
      'the.key': { hidden: 'encryption key' },
      'hidden.match': { text: 'false' },
    });
  });

  it('context values that a confidential config is matched against are not shown either', async () => {
    const guarded = config('guarded', 'string', [
      rule(secret, when('PROP_IS_ONE_OF', 'user.token', ['x'])),
    ]);
    const { ask } = await inspected([guarded]);
    const text = await (await ask('/api/key?key=guarded', { user: { token: 'of-a-user' } })).text();
    expect(text).not.toContain('of-a-user');
  });
});
