import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { redactedText } from '../../lib/evaluation/index.js';
import { value } from '../support/configs.js';

function starred(text: string): string {
  return `*****${createHash('md5').update(text).digest('hex').slice(0, 5)}`;
}

describe('redactedText', () => {
  it.each([
    ['a ciphertext', value('string', 'aa--bb--cc', { decryptWith: 'key' }), 'aa--bb--cc'],
    ['a stored string', value('string', 'secret'), 'secret'],
    ['a number as a string', value('int', 42), '42'],
    ['a boolean as a string', value('bool', true), 'true'],
    ['a list as a string', value('string_list', ['a', 'b']), 'a,b'],
    [
      'the source of a provided value',
      value('provided', { lookup: 'NAME', source: 'ENV_VAR' }),
      '{"source":"ENV_VAR","lookup":"NAME"}',
    ],
    [
      'a provided value without a source',
      value('provided', { lookup: 'NAME' }),
      '{"source":"ENV_VAR","lookup":"NAME"}',
    ],
    ['JSON', value('json', { a: 1 }), '{"a":1}'],
    ['undefined', value('string', undefined), ''],
  ])('a confidential value is redacted to a hash of %s', (_, stored, hashed) => {
    expect(redactedText(stored)).toBe(starred(hashed));
    expect(redactedText(stored)).toMatch(/^\*{5}[0-9a-f]{5}$/);
  });

  it('a redacted value is five asterisks and five hex digits', () => {
    expect(redactedText(value('string', ''))).toBe('*****d41d8');
  });
});
