import { nameError, QuonfigError } from './quonfig.error.js';

/**
 * `invalid_options`: lists every invalid option in one error.
 *
 * @publicApi
 */
export class InvalidOptionsError extends QuonfigError {
  static {
    nameError(this, 'InvalidOptionsError');
  }

  constructor(
    /** One line per problem: the option, what is wrong with it, what is accepted. */
    readonly problems: readonly string[],
  ) {
    super(
      'invalid_options',
      `Invalid Quonfig options:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
  }
}

/**
 * `initialization_timeout`: the first load took longer than `initTimeout`.
 *
 * @publicApi
 */
export class InitializationTimeoutError extends QuonfigError {
  static {
    nameError(this, 'InitializationTimeoutError');
  }

  constructor(limitMs: number) {
    super(
      'initialization_timeout',
      `Initialization timed out: no configs after ${limitMs} ms. Raise initTimeout, or set onInitFailure to "return-defaults" to start without configs.`,
    );
  }
}

/**
 * `closed`: the service has been closed, so the call is rejected. Reads still work.
 *
 * @publicApi
 */
export class ClosedError extends QuonfigError {
  static {
    nameError(this, 'ClosedError');
  }

  constructor() {
    super('closed', 'This Quonfig service is closed. Create a new one.');
  }
}
