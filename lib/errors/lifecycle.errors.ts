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

  constructor(
    limitMs: number,
    /** How often the SDK tried, and the last failure of each URL; absent for files. */
    readonly load?: LoadFailures,
  ) {
    super(
      'initialization_timeout',
      `Initialization timed out: no configs after ${limitMs} ms${attemptsText(load)}. Raise initTimeout, or set onInitFailure to "return-defaults" to start without configs.`,
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
    /** What happened, e.g. `status 503` or `ECONNREFUSED`. */
    readonly reason: string;
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

function attemptsText(load: LoadFailures | undefined): string {
  if (load === undefined) return '';
  const { attempts, causes } = load;
  const tries = `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`;
  return ` and ${tries}. ${causes.map(({ url, reason }) => `${url}: ${reason}`).join('; ')}`;
}
