import { didYouMean, quotedName } from './quoted-name.js';
import { nameError, QuonfigError } from './quonfig.error.js';

/**
 * `missing_default`: the key has no value, the call passes no default, and `onNoDefault` is `"error"`.
 *
 * @publicApi
 */
export class MissingDefaultError extends QuonfigError {
  static {
    nameError(this, 'MissingDefaultError');
  }

  /**
   * @param key the key that was read
   * @param reason why there is no value, and what to do
   */
  constructor(key: string, reason: string) {
    super(
      'missing_default',
      `No value found for key ${quotedName(key)}: ${reason} The read throws because onNoDefault is "error".`,
    );
  }
}

/**
 * `unknown_key`: no config has the key, and `onUnknownKey` is `"throw"`.
 *
 * @publicApi
 */
export class UnknownKeyError extends QuonfigError {
  static {
    nameError(this, 'UnknownKeyError');
  }

  /**
   * @param key the key that was read
   * @param suggestion the known key that was probably meant, if there is one
   */
  constructor(
    /** The key that was read. */
    readonly key: string,
    /** The known key that was probably meant. */
    readonly suggestion?: string,
  ) {
    super(
      'unknown_key',
      `No config has the key ${quotedName(key)}, and onUnknownKey is "throw".${didYouMean(suggestion)} Correct the key, or add the config.`,
    );
  }
}

/**
 * `missing_env_var`: a config reads its value from an environment variable that is not set.
 *
 * @publicApi
 */
export class MissingEnvVarError extends QuonfigError {
  static {
    nameError(this, 'MissingEnvVarError');
  }

  /**
   * @param key key of the config
   * @param variable name of the environment variable
   */
  constructor(key: string, variable: string) {
    super(
      'missing_env_var',
      `Environment variable "${variable}" not set for config "${key}". Set it, or change the source of the config's value.`,
    );
  }
}

const INT_RANGE = 'a whole number from -(2^53 - 1) to 2^53 - 1';

/**
 * `unable_to_coerce_env_var`: a value does not fit the type of the config or of the getter. The message never quotes the value.
 *
 * @publicApi
 */
export class CoercionError extends QuonfigError {
  static {
    nameError(this, 'CoercionError');
  }

  /**
   * @param key key of the config
   * @param type the expected type
   * @param variable the environment variable that provides the value. Default: none, the value is stored
   */
  constructor(key: string, type: string, variable?: string) {
    const expected = type === 'int' ? `int (${INT_RANGE})` : type;
    super(
      'unable_to_coerce_env_var',
      variable === undefined
        ? `The value of config "${key}" is not a valid ${expected}. Correct the stored value, or read it with the getter for its type.`
        : `Environment variable "${variable}" of config "${key}" is not a valid ${expected}. Correct the variable's value.`,
    );
  }
}

/**
 * A stored or provided duration is malformed. Reads treat it as a missing value.
 *
 * @publicApi
 */
export class MalformedDurationError extends CoercionError {
  static {
    nameError(this, 'MalformedDurationError');
  }

  /**
   * @param key key of the config
   * @param variable the environment variable that provides the value. Default: none, the value is stored
   */
  constructor(key: string, variable?: string) {
    super(key, 'duration', variable);
  }
}

/**
 * `unable_to_decrypt`: an encrypted value, its key config or the key itself cannot be used. The message never quotes the key,
 * the plaintext or the ciphertext.
 *
 * @publicApi
 */
export class DecryptionError extends QuonfigError {
  static {
    nameError(this, 'DecryptionError');
  }

  /**
   * @param key key of the encrypted config; `undefined` if the value belongs to none
   * @param reason why it cannot be decrypted
   * @param remedy what to do, as a sentence
   */
  constructor(
    key: string | undefined,
    reason: string,
    remedy = 'Correct the key config or the value.',
  ) {
    super(
      'unable_to_decrypt',
      key === undefined
        ? `Unable to decrypt the value: ${reason}. ${remedy}`
        : `Unable to decrypt config "${key}": ${reason}. Reads of it fail. ${remedy}`,
    );
  }
}

/**
 * `invalid_key`: the key for `encryptValue` or `decryptValue` is malformed. The message never quotes it.
 *
 * @publicApi
 */
export class InvalidKeyError extends QuonfigError {
  static {
    nameError(this, 'InvalidKeyError');
  }

  constructor() {
    super(
      'invalid_key',
      'The encryption key is not 64 hex characters, so nothing was encrypted or decrypted. `npx nestjs-quonfig keygen` creates a key.',
    );
  }
}

/**
 * `invalid_config`: the config cannot be evaluated (a rule without a value, a provided value from an unknown source).
 *
 * @publicApi
 */
export class InvalidConfigError extends QuonfigError {
  static {
    nameError(this, 'InvalidConfigError');
  }

  /**
   * @param key key of the config
   * @param reason why it cannot be evaluated, without a final period
   */
  constructor(key: string, reason: string) {
    super('invalid_config', `Config "${key}" cannot be evaluated: ${reason}. Correct the config.`);
  }
}

/**
 * `invalid_log_request`: `shouldLog` was called with both or neither of `configKey` and `loggerPath`, or with `loggerPath` and
 * without the option `loggerKey`.
 *
 * @publicApi
 */
export class InvalidLogRequestError extends QuonfigError {
  static {
    nameError(this, 'InvalidLogRequestError');
  }

  /** @param reason what is wrong with the request, and what to do */
  constructor(reason: string) {
    super('invalid_log_request', reason);
  }
}
