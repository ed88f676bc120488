import { nameError, QuonfigError } from './quonfig.error.js';

/**
 * `invalid_options`: everything that is wrong with the options, in one error.
 *
 * @publicApi
 */
export class InvalidOptionsError extends QuonfigError {
  static {
    nameError(this, 'InvalidOptionsError');
  }

  constructor(
    /** One line a problem: the option, what it is, what is accepted. */
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
      `Initialization timed out: no configs after ${limitMs} ms. Raise initTimeout, or set onInitFailure to "return-defaults" to start without them.`,
    );
  }
}

/**
 * `closed`: something was asked of a service that has been closed.
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
