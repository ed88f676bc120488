import { createHash, createHmac } from 'node:crypto';

const HASH_DIGITS = 32;

/**
 * The SDK key, in a private field: neither `inspect` nor JSON shows it, however deep they go into the objects that
 * reference it.
 */
export class SdkKey {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  /** Returns the headers that authenticate a request and name the SDK. */
  credentials(sdkVersion: string): Record<string, string> {
    return {
      Authorization: `Basic ${this.token()}`,
      'X-Quonfig-SDK-Version': sdkVersion,
    };
  }

  /** Returns the forms in which a server could quote the key. */
  forms(): string[] {
    return [this.#key, this.token().replace(/=+$/, '')];
  }

  /** Returns a hash that identifies the key and reveals nothing of it. */
  hash(): string {
    return createHash('sha256').update(`quonfig:${this.#key}`).digest('hex').slice(0, HASH_DIGITS);
  }

  /** Returns a proof that this process knows the key, for another one that knows it. It reveals nothing of the key. */
  prove(challenge: string): string {
    return createHmac('sha256', this.#key).update(`quonfig:${challenge}`).digest('hex');
  }

  startsWith(prefix: string): boolean {
    return this.#key.startsWith(prefix);
  }

  /** Returns the key as encoded in the `Authorization` header. */
  private token(): string {
    return Buffer.from(`1:${this.#key}`).toString('base64');
  }
}
