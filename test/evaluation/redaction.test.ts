import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { redactedText } from '../../lib/evaluation/index.js';
import { value } from '../support/configs.js';

function starred(text: string): string {
  return `*****${createHash('md5').update(text).digest('hex').slice(0, 5)}`;
}

describe('a confidential value is shown as five asterisks and five digits of a hash', () => {
  it.each([
    ['of the ciphertext', value('string', 'aa--bb--cc', { decryptWith: 'key' }), 'aa--bb--cc'],
    ['of the stored text', value('string', 'secret'), 'secret'],
    ['of a number as text', value('int', 42), '42'],
    ['of a boolean as text', value('bool', true), 'true'],
    ['of a list as text', value('string_list', ['a', 'b']), 'a,b'],
    [
      'of the pointer to a variable',
      value('provided', { lookup: 'NAME', source: 'ENV_VAR' }),
      '{"source":"ENV_VAR","lookup":"NAME"}',
    ],
    [
      'of that pointer when it names no source',
      value('provided', { lookup: 'NAME' }),
      '{"source":"ENV_VAR","lookup":"NAME"}',
    ],
    ['of JSON', value('json', { a: 1 }), '{"a":1}'],
    ['of nothing', value('string', undefined), ''],
  ])('%s', (_, stored, hashed) => {
    expect(redactedText(stored)).toBe(starred(hashed));
    expect(redactedText(stored)).toMatch(/^\*{5}[0-9a-f]{5}$/);
  });

  it('in a known form', () => {
    expect(redactedText(value('string', ''))).toBe('*****d41d8');
  });
});
