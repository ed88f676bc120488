import { DecryptionError } from '../errors/index.js';
import type { ConfigValue, Contexts, ContextTier } from '../model/index.js';
import { decryptedWith, isEncryptionKey } from './ciphertext.js';
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
    if (!isEncryptionKey(keyHex)) {
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
      const string = decryptedWith(keyHex, ciphertext, (...why) => this.failure(...why));
      this.#last = { keyHex, ciphertext, string, value: coerceString(this.owner, string) };
    }
    return this.#last;
  }

  private failure(reason: string, remedy: string): DecryptionError {
    return new DecryptionError(this.owner.key, reason, remedy);
  }
}
