import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { DecryptionError, InvalidKeyError } from '../errors/index.js';

const CIPHER = 'aes-256-gcm';
const TAG_BYTES = 16;
const IV_BYTES = 12;
const ENCRYPT_AGAIN = 'Encrypt the value again, with a tool of Quonfig.';

/** Whether a string is a key: 32 bytes in hex. */
export function isEncryptionKey(key: string): boolean {
  return /^[0-9a-fA-F]{64}$/.test(key);
}

/**
 * Encrypts a string for a config with `decryptWith`: AES-256-GCM, written as `DATA--IV--TAG` in hex.
 *
 * @param plaintext any string
 * @param key 64 hex characters
 * @returns the ciphertext, which differs on each call
 * @throws {InvalidKeyError} `invalid_key`
 * @example
 * ```ts
 * const key = randomBytes(32).toString('hex');
 * decryptValue(encryptValue('a secret', key), key); // → 'a secret'
 * ```
 *
 * @publicApi
 */
export function encryptValue(plaintext: string, key: string): string {
  if (!isEncryptionKey(key)) throw new InvalidKeyError();
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, Buffer.from(key, 'hex'), iv);
  const data = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
  return [data, iv, cipher.getAuthTag()].map((part) => part.toString('hex')).join('--');
}

/**
 * Decrypts what {@link encryptValue} or another tool of Quonfig encrypted.
 *
 * @param ciphertext `DATA--IV--TAG` in hex
 * @param key 64 hex characters
 * @returns the plaintext
 * @throws {InvalidKeyError} `invalid_key`
 * @throws {DecryptionError} `unable_to_decrypt`: the ciphertext is malformed or was changed, or the key is wrong
 *
 * @publicApi
 */
export function decryptValue(ciphertext: string, key: string): string {
  if (!isEncryptionKey(key)) throw new InvalidKeyError();
  return decryptedWith(key, ciphertext, (reason, remedy) => {
    return new DecryptionError(undefined, reason, remedy);
  });
}

/**
 * Decrypts a value.
 *
 * @param key a valid key
 * @param failure creates the error to throw
 */
export function decryptedWith(
  key: string,
  ciphertext: string,
  failure: (reason: string, remedy: string) => DecryptionError,
): string {
  const parts = ciphertext.split('--');
  if (parts.length !== 3 || !parts.every((part) => /^([0-9a-fA-F]{2})*$/.test(part))) {
    throw failure('invalid encrypted string: it must be DATA--IV--TAG in hex', ENCRYPT_AGAIN);
  }
  const [data, iv, tag] = parts.map((part) => Buffer.from(part, 'hex')) as [Buffer, Buffer, Buffer];
  if (iv.length !== IV_BYTES) {
    throw failure('invalid encrypted string: the IV is not 12 bytes', ENCRYPT_AGAIN);
  }
  // The cipher would accept a shorter tag, which is far easier to forge.
  if (tag.length !== TAG_BYTES) {
    throw failure('invalid encrypted string: the tag is not 16 bytes', ENCRYPT_AGAIN);
  }
  if (data.length === 0) return '';
  try {
    const decipher = createDecipheriv(CIPHER, Buffer.from(key, 'hex'), iv, {
      authTagLength: TAG_BYTES,
    });
    decipher.setAuthTag(tag);
    return Buffer.concat([decipher.update(data), decipher.final()]).toString('utf8');
  } catch {
    throw failure(
      'authentication failed: wrong key, or the value was changed',
      'Check the key, or encrypt the value again.',
    );
  }
}
