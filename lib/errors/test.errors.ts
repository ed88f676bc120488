import { quotedName } from './quoted-name.js';
import { nameError, QuonfigError } from './quonfig.error.js';

/**
 * `test_value`: in a test, a key has no value, a value has the wrong type, or a read is ambiguous. Reads that would
 * return a default, `false` or an error code in production throw it, and guards pass it on.
 *
 * @publicApi
 */
export class TestValueError extends QuonfigError {
  static {
    nameError(this, 'TestValueError');
  }

  /**
   * @param key the key that was read or set
   * @param reason what is wrong and what to do, without a final period
   */
  constructor(
    /** The key that was read or set. */
    readonly key: string,
    reason: string,
  ) {
    super('test_value', `The key ${quotedName(key)} cannot be used in this test: ${reason}.`);
  }
}
