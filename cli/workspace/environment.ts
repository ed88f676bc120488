import { MisuseError } from '../command.errors.js';
import { didYouMean } from '../did-you-mean.js';
import { environmentNeeded, environmentUnknown } from './workspace.messages.js';

/**
 * Returns the environment that a command works on: `--environment`, else `QUONFIG_ENVIRONMENT`, else the only one.
 *
 * @param given the value of `--environment`
 * @param available the environments of the workspace
 * @throws {MisuseError} names the environments of the workspace
 */
export async function chooseEnvironment(
  given: string | undefined,
  available: readonly string[],
  env = process.env,
): Promise<string> {
  const chosen = given ?? (env['QUONFIG_ENVIRONMENT'] || undefined);
  if (chosen === undefined) {
    if (available.length === 1) return available[0]!;
    throw new MisuseError(environmentNeeded(available));
  }
  if (available.length === 0 || available.includes(chosen)) return chosen;
  throw new MisuseError(environmentUnknown(chosen, available, await didYouMean(chosen, available)));
}
