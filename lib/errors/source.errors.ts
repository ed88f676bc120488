import { nameError, QuonfigError } from './quonfig.error.js';

/**
 * `missing_environment`: a workspace directory is read and no environment is set.
 *
 * @publicApi
 */
export class MissingEnvironmentError extends QuonfigError {
  static {
    nameError(this, 'MissingEnvironmentError');
  }

  /** @param available the environments of the workspace */
  constructor(available: readonly string[]) {
    super(
      'missing_environment',
      `Environment required for datadir mode: set the option "environment" or QUONFIG_ENVIRONMENT${list(available)}.`,
    );
  }
}

/**
 * `invalid_environment`: the workspace has no such environment.
 *
 * @publicApi
 */
export class InvalidEnvironmentError extends QuonfigError {
  static {
    nameError(this, 'InvalidEnvironmentError');
  }

  /**
   * @param environment the selected environment
   * @param available the environments of the workspace
   */
  constructor(environment: string, available: readonly string[]) {
    super(
      'invalid_environment',
      `Environment "${environment}" not found in workspace${list(available)}. Correct the option "environment" or QUONFIG_ENVIRONMENT, or add the environment to quonfig.json.`,
    );
  }
}

/**
 * `invalid_workspace`: a directory or file of the workspace cannot be read. The message names the file and, if known, the line
 * and column.
 *
 * @publicApi
 */
export class WorkspaceError extends QuonfigError {
  static {
    nameError(this, 'WorkspaceError');
  }

  /**
   * @param place the file or directory, followed by `:line:column` if known
   * @param reason what is wrong, and what to do
   * @param options the `cause`, if there is one
   */
  constructor(
    /** The file or directory, followed by `:line:column` if known. */
    readonly place: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super('invalid_workspace', `${place}: ${reason}`, options);
  }
}

/**
 * `invalid_envelope`: a payload is not an envelope, or none of its configs is valid.
 *
 * @publicApi
 */
export class InvalidEnvelopeError extends QuonfigError {
  static {
    nameError(this, 'InvalidEnvelopeError');
  }

  /**
   * @param origin the URL, file or option that the envelope comes from
   * @param reason why it cannot be used, without a final period
   */
  constructor(
    origin: string,
    /** What happened, without the origin. */
    readonly reason: string,
  ) {
    super('invalid_envelope', `The envelope from ${origin} cannot be used: ${reason}.`);
  }
}

function list(available: readonly string[]): string {
  return available.length === 0 ? '' : ` (available: ${available.join(', ')})`;
}
