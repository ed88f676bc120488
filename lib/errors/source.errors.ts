import { nameError, QuonfigError } from './quonfig.error.js';

/**
 * `missing_environment`: a workspace directory is read without knowing for which environment.
 *
 * @publicApi
 */
export class MissingEnvironmentError extends QuonfigError {
  static {
    nameError(this, 'MissingEnvironmentError');
  }

  constructor(available: readonly string[]) {
    super(
      'missing_environment',
      `Environment required for datadir mode: set the option "environment" or QUONFIG_ENVIRONMENT${list(available)}.`,
    );
  }
}

/**
 * `invalid_environment`: the environment is not one of the workspace's.
 *
 * @publicApi
 */
export class InvalidEnvironmentError extends QuonfigError {
  static {
    nameError(this, 'InvalidEnvironmentError');
  }

  constructor(environment: string, available: readonly string[]) {
    super(
      'invalid_environment',
      `Environment "${environment}" not found in workspace${list(available)}.`,
    );
  }
}

/**
 * `invalid_workspace`: a directory or file of the workspace cannot be read. Names the file, and line and column where there is one.
 *
 * @publicApi
 */
export class WorkspaceError extends QuonfigError {
  static {
    nameError(this, 'WorkspaceError');
  }

  constructor(
    /** The file or directory, and `:line:column` where it is known. */
    readonly place: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super('invalid_workspace', `${place}: ${reason}`, options);
  }
}

/**
 * `invalid_envelope`: a payload is not a set of configs, or none of its configs can be read.
 *
 * @publicApi
 */
export class InvalidEnvelopeError extends QuonfigError {
  static {
    nameError(this, 'InvalidEnvelopeError');
  }

  constructor(origin: string, reason: string) {
    super('invalid_envelope', `The envelope from ${origin} is not usable: ${reason}.`);
  }
}

function list(available: readonly string[]): string {
  return available.length === 0 ? '' : ` (available: ${available.join(', ')})`;
}
