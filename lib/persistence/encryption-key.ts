import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts and decrypts with AES-256-GCM. The key is in a private field, which neither `inspect` nor JSON shows. */
export class EncryptionKey {
  readonly #key: Buffer;

  /** @param hex 32 bytes as 64 hex digits */
  constructor(hex: string) {
    this.#key = Buffer.from(hex, 'hex');
  }

  /**
   * @param header authenticated, and needed to decrypt
   * @returns initialization vector, authentication tag and ciphertext
   */
  encrypt(plain: Buffer, header: string): Buffer {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, iv).setAAD(Buffer.from(header));
    const encrypted = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), encrypted]);
  }

  /** @throws an error if the key differs, or content or header were changed */
  decrypt(content: Buffer, header: string): Buffer {
    const iv = content.subarray(0, IV_BYTES);
    const tag = content.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
    const decipher = createDecipheriv(ALGORITHM, this.#key, iv, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(header))
      .setAuthTag(tag);
    const encrypted = content.subarray(IV_BYTES + TAG_BYTES);
    return Buffer.concat([decipher.update(encrypted), decipher.final()]);
  }
}
