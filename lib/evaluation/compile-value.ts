import { QuonfigError } from '../errors/index.js';
import { type ConfigValue, deepFreeze } from '../model/index.js';
import type { ValueOwner } from './coerce.js';
import { type CompiledValue, ConstantValue, FailingValue } from './compiled-value.js';
import { EncryptedValue, type KeyLookup } from './encrypted-value.js';
import type { EvaluationHost } from './host.js';
import { ProvidedValueReader } from './provided-value.js';
import { stringOf } from './string-form.js';
import { unwrap } from './unwrap.js';

/** Compiles the value of a rule or variant. An unusable value becomes a {@link FailingValue}, so only its reads fail. */
export function compileValue(
  owner: ValueOwner,
  source: ConfigValue,
  host: EvaluationHost,
  keyFor: KeyLookup,
): CompiledValue {
  try {
    const provided =
      source.type === 'provided' ? new ProvidedValueReader(owner, source, host) : undefined;
    if (isEncrypted(source)) {
      const ciphertext = () => provided?.string() ?? stringOf(source.value) ?? '';
      return new EncryptedValue(owner, source, ciphertext, keyFor);
    }
    return provided ?? new ConstantValue(source, deepFreeze(unwrap(owner, source)));
  } catch (error) {
    if (error instanceof QuonfigError) return new FailingValue(source, error);
    throw error;
  }
}

export function isEncrypted(value: ConfigValue): boolean {
  return (
    value.confidential === true && typeof value.decryptWith === 'string' && value.decryptWith !== ''
  );
}
