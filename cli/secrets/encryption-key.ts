import { CommandError } from '../command.errors.js';
import { readKey } from '../key-source.js';
import { openService } from '../workspace/open-service.js';
import { findWorkspace } from '../workspace/find-workspace.js';
import { chooseEnvironment } from '../workspace/environment.js';
import { readEnvironments } from '../workspace/settings.js';

/** The options that name where a key is. */
export const KEY_OPTIONS = {
  'key-env': { value: 'NAME', about: 'the environment variable with the key' },
  'key-file': { value: 'FILE', about: 'the file with the key' },
} as const;

interface KeyOptions {
  readonly 'key-env'?: string;
  readonly 'key-file'?: string;
}

interface WorkspaceOptions {
  readonly datadir?: string;
  readonly environment?: string;
}

/**
 * Returns the key from the variable or file that the options name; `undefined` if they name none.
 *
 * @throws {MisuseError} both are named
 * @throws {CommandError} there is no key; never quotes one
 */
export function givenKey(options: KeyOptions): string | undefined {
  const given = readKey({ variable: options['key-env'], file: options['key-file'] });
  return given && checked(given.key, given.origin);
}

/**
 * Returns the key that a config of a workspace provides, usually from an environment variable.
 *
 * @param keyConfig key of the config, as `decryptWith` names it
 * @throws {CommandError} the config provides no key; never quotes one
 */
export async function keyOfConfig(keyConfig: string, options: WorkspaceOptions): Promise<string> {
  const datadir = findWorkspace(options.datadir);
  const environment = await chooseEnvironment(options.environment, readEnvironments(datadir));
  const quonfig = await openService(datadir, environment);
  try {
    return checked(quonfig.getString(keyConfig), `the config ${keyConfig}`);
  } finally {
    await quonfig.close();
  }
}

function checked(key: string, origin: string): string {
  if (/^[0-9a-fA-F]{64}$/.test(key)) return key;
  throw new CommandError(
    `${origin} does not contain a key of 64 hex characters. Create one with nestjs-quonfig keygen.`,
  );
}
