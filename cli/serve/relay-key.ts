import { randomBytes } from 'node:crypto';
import { CommandError } from '../command.errors.js';
import { readKey } from '../key-source.js';

const MIN_LENGTH = 16;

/** The key of the clients, and how the application reads it. */
export interface RelayKey {
  readonly key: string;
  /** The expression to put into the application. */
  readonly expression: string;
}

/**
 * Returns the key from a variable or file, else a random one for this run.
 *
 * @throws {MisuseError} both are named
 * @throws {CommandError} there is no key; never quotes one
 */
export function relayKey(variable: string | undefined, file: string | undefined): RelayKey {
  const given = readKey({ variable, file });
  if (given !== undefined) {
    const key = checked(given.key, given.origin);
    return { key, expression: `process.env.${variable ?? 'QUONFIG_BACKEND_SDK_KEY'}` };
  }
  const key = `qf_local_${randomBytes(18).toString('base64url')}`;
  return { key, expression: `'${key}'` };
}

function checked(key: string, origin: string): string {
  if (key.length >= MIN_LENGTH) return key;
  throw new CommandError(
    `${origin} does not contain a key of at least ${MIN_LENGTH} characters. Set one, or leave the option out for a random key.`,
  );
}
