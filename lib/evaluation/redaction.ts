import { createHash } from 'node:crypto';
import { type ConfigValue, isJsonObject } from '../model/index.js';
import { stringOf } from './string-form.js';

const HASH_DIGITS = 5;

/**
 * Returns the redaction of a confidential value: five asterisks and the first digits of the MD5 of its stored form (the
 * ciphertext of an encrypted value). Equal stored values have equal redactions; nothing else is revealed.
 */
export function redactedText({ type, value }: ConfigValue): string {
  const stored =
    type === 'provided' && isJsonObject(value)
      ? JSON.stringify({ source: value['source'] ?? 'ENV_VAR', lookup: value['lookup'] })
      : (stringOf(value) ?? JSON.stringify(value) ?? '');
  return `*****${createHash('md5').update(stored).digest('hex').slice(0, HASH_DIGITS)}`;
}
