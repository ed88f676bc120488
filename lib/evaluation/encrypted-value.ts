import { createDecipheriv } from 'node:crypto';
import { DecryptionError } from '../errors/index.js';
import type { ConfigValue, Contexts, ContextTier } from '../model/index.js';
import { coerceString, type ValueOwner } from './coerce.js';
import type { CompiledValue } from './compiled-value.js';
import { stringOf } from './string-form.js';

/** Returns the value of the config that contains a decryption key, for the contexts of the read. */
export type KeyLookup = (
  key: string,
  call: Contexts | undefined,
  base: ContextTier | undefined,
  decryptionPath: readonly string[],
) => unknown;

const MAX_CHAIN = 20;
const TAG_BYTES = 16;
const IV_BYTES = 12;
const ENCRYPT_AGAIN = 'Encrypt the value again, with a tool of Quonfig.';

/** A decrypted value, and what it was decrypted from. */
interface Decrypted {
  readonly keyHex: string;
  readonly ciphertext: string;
  readonly string: string;
  readonly value: unknown;
}

/** An encrypted value: `DATA--IV--TAG` in hex, AES-256-GCM. Decrypted again only if the key or ciphertext changes. */
export class EncryptedValue implements CompiledValue {
  /** In a private field, where inspection does not reach. */
  #last: Decrypted | undefined;

  constructor(
    private readonly owner: ValueOwner,
    readonly source: ConfigValue,
    private readonly ciphertext: () => string,
    private readonly keyFor: KeyLookup,
  ) {}

  resolve(
    call: Contexts | undefined,
    base: ContextTier | undefined,
    decryptionPath: readonly string[],
  ): unknown {
    return this.decrypted(call, base, decryptionPath).value;
  }

  string(call: Contexts | undefined, base: ContextTier | undefined): string {
    return this.decrypted(call, base, []).string;
  }

  private decrypted(
    call: Contexts | undefined,
    base: ContextTier | undefined,
    decryptionPath: readonly string[],
  ): Decrypted {
    const path = [...decryptionPath, this.owner.key];
    const keyName = this.source.decryptWith!;
    if (path.includes(keyName)) {
      throw this.failure(
        `a decryptWith cycle was found (${[...path, keyName].join(' -> ')})`,
        'Store one of these keys without decryptWith.',
      );
    }
    if (path.length > MAX_CHAIN)
      throw this.failure('its decryptWith chain is too long', 'Shorten the chain.');

    const keyHex = stringOf(this.keyFor(keyName, call, base, path)) ?? '';
    if (!/^[0-9a-fA-F]{64}$/.test(keyHex)) {
      throw keyHex === ''
        ? this.failure(
            `the key config "${keyName}" is missing or has no value`,
            'Add it, or set the environment variable that provides it.',
          )
        : this.failure(
            `invalid key length or format: "${keyName}" must contain 64 hex characters`,
            'Correct the key.',
          );
    }
    const ciphertext = this.ciphertext();
    if (this.#last?.keyHex !== keyHex || this.#last.ciphertext !== ciphertext) {
      const string = this.decrypt(ciphertext, keyHex);
      this.#last = { keyHex, ciphertext, string, value: coerceString(this.owner, string) };
    }
    return this.#last;
  }

  private decrypt(ciphertext: string, keyHex: string): string {
    const parts = ciphertext.split('--');
    if (parts.length !== 3 || !parts.every((part) => /^([0-9a-fA-F]{2})*$/.test(part))) {
      throw this.failure(
        'invalid encrypted string: it must be DATA--IV--TAG in hex',
        ENCRYPT_AGAIN,
      );
    }
    const [data, iv, tag] = parts.map((part) => Buffer.from(part, 'hex')) as [
      Buffer,
      Buffer,
      Buffer,
    ];
    if (iv.length !== IV_BYTES) {
      throw this.failure('invalid encrypted string: the IV is not 12 bytes', ENCRYPT_AGAIN);
    }
    // The cipher would accept a shorter tag, which is far easier to forge.
    if (tag.length !== TAG_BYTES) {
      throw this.failure('invalid encrypted string: the tag is not 16 bytes', ENCRYPT_AGAIN);
    }
    if (data.length === 0) return '';
    try {
      const decipher = createDecipheriv('aes-256-gcm', Buffer.from(keyHex, 'hex'), iv, {
        authTagLength: TAG_BYTES,
      });
      decipher.setAuthTag(tag);
      return Buffer.concat([decipher.update(data), decipher.final()]).toString('utf8');
    } catch {
      throw this.failure(
        'authentication failed: wrong key, or the value was changed',
        'Check the key, or encrypt the value again.',
      );
    }
  }

  private failure(reason: string, remedy: string): DecryptionError {
    return new DecryptionError(this.owner.key, reason, remedy);
  }
}
