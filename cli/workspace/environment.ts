import { MisuseError } from '../command.errors.js';
import { didYouMean } from '../did-you-mean.js';
import { environmentNeeded, environmentUnknown } from './workspace.messages.js';
import type { WorkspaceFile } from './workspace-files.js';

/** Returns the environments that `quonfig.json` lists. */
export function environmentsOf({ content }: WorkspaceFile): readonly string[] {
  const environments = (content as { environments?: unknown } | null | undefined)?.environments;
  return Array.isArray(environments)
    ? environments.filter((id): id is string => typeof id === 'string')
    : [];
}

/**
 * Returns the environment that a command works on: `--environment`, else `QUONFIG_ENVIRONMENT`, else the only one.
 *
 * @throws {MisuseError} names the environments of the workspace
 */
export async function chooseEnvironment(
  given: string | undefined,
  settings: WorkspaceFile,
  env = process.env,
): Promise<string> {
  const available = environmentsOf(settings);
  const chosen = given ?? (env['QUONFIG_ENVIRONMENT'] || undefined);
  if (chosen === undefined) {
    if (available.length === 1) return available[0]!;
    throw new MisuseError(environmentNeeded(available));
  }
  if (available.length === 0 || available.includes(chosen)) return chosen;
  throw new MisuseError(
    environmentUnknown(chosen, available, await didYouMean(chosen, available)),
  );
}
