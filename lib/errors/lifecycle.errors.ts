import { initAdvice } from './init-advice.js';
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

  /** @param problems one line per problem: the option, what is wrong with it, what is accepted */
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

  /**
   * @param limitMs the option `initTimeout`, in ms
   * @param load the attempts, and the last failure of each URL. Default: none, as for files
   */
  constructor(
    limitMs: number,
    /** How often the SDK tried, and the last failure of each URL; absent for files. */
    readonly load?: LoadFailures,
    /** `cause`: the last failure, or an `AggregateError` with the last failure of each URL. */
    options?: ErrorOptions,
  ) {
    super(
      'initialization_timeout',
      `Initialization timed out: no configs after ${limitMs} ms${load === undefined ? '. Raise initTimeout.' : failuresText(load)}${initAdvice}`,
      options,
    );
  }
}

/**
 * What happened until the first load timed out.
 *
 * @publicApi
 */
export interface LoadFailures {
  /** Attempts to fetch the configs, the one in progress included. */
  readonly attempts: number;
  /** The last failure of each URL, or that it has not responded. */
  readonly causes: readonly {
    /** URL of the configs at one API. */
    readonly url: string;
    /** What happened, e.g. `status 503` or `ECONNREFUSED`; cut to 200 characters. */
    readonly reason: string;
    /** What to do, a sentence each. */
    readonly remedies: readonly string[];
  }[];
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

function failuresText({ attempts, causes }: LoadFailures): string {
  const tries = `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`;
  const reasons = causes.map(({ url, reason }) => `${url}: ${reason}`).join('; ');
  const remedies = new Set(causes.flatMap((cause) => cause.remedies));
  return ` and ${tries}. ${reasons}. ${[...remedies].join(' ')}`;
}
