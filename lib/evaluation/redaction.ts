import { createHash } from 'node:crypto';
import { type ConfigValue, isJsonObject } from '../model/index.js';
import { textOf } from './text.js';

const HASH_DIGITS = 5;

/**
 * What may be shown of a confidential value: five asterisks and the first digits of the MD5 of its stored form (the
 * ciphertext of an encrypted value). Equal stored values look equal; nothing else can be told.
 */
export function redactedText({ type, value }: ConfigValue): string {
  const stored =
    type === 'provided' && isJsonObject(value)
      ? JSON.stringify({ source: value['source'] ?? 'ENV_VAR', lookup: value['lookup'] })
      : (textOf(value) ?? JSON.stringify(value) ?? '');
  return `*****${createHash('md5').update(stored).digest('hex').slice(0, HASH_DIGITS)}`;
}
