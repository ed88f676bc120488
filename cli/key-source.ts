import { readFileSync } from 'node:fs';
import { CommandError, MisuseError } from './command.errors.js';

/** Where a key comes from. It is never an argument: other users of the machine, and the shell's history, see those. */
interface KeySource {
  /** Name of an environment variable: `--key-env`. */
  readonly variable: string | undefined;
  /** Path of a file: `--key-file`. */
  readonly file: string | undefined;
}

/**
 * Returns the key, unchecked, and where it is, for messages; `undefined` without a source.
 *
 * @throws {MisuseError} both are named
 * @throws {CommandError} the file cannot be read
 */
export function readKey({
  variable,
  file,
}: KeySource): { key: string; origin: string } | undefined {
  if (variable !== undefined && file !== undefined) {
    throw new MisuseError('--key-env and --key-file cannot be combined. Pass one of them.');
  }
  if (variable !== undefined) {
    return { key: process.env[variable] ?? '', origin: `the variable ${variable}` };
  }
  return file === undefined ? undefined : { key: contentOf(file), origin: `the file ${file}` };
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new CommandError(`the key file ${file} cannot be read (${code}). Correct --key-file.`);
  }
}
