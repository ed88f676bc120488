import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CommandError, MisuseError } from '../command.errors.js';

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
  if (variable !== undefined && file !== undefined) {
    throw new MisuseError('--key-env and --key-file exclude each other. Write one of them.');
  }
  if (variable !== undefined) {
    const key = checked(process.env[variable] ?? '', `the variable ${variable}`);
    return { key, expression: `process.env.${variable}` };
  }
  if (file !== undefined) {
    return {
      key: checked(readKey(file), `the file ${file}`),
      expression: 'process.env.QUONFIG_BACKEND_SDK_KEY',
    };
  }
  const key = `qf_local_${randomBytes(18).toString('base64url')}`;
  return { key, expression: `'${key}'` };
}

function readKey(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new CommandError(`the key file ${file} cannot be read (${code}). Correct --key-file.`);
  }
}

function checked(key: string, origin: string): string {
  if (key.length >= MIN_LENGTH) return key;
  throw new CommandError(
    `${origin} does not contain a key of at least ${MIN_LENGTH} characters. Set one, or leave the option out for a random key.`,
  );
}
