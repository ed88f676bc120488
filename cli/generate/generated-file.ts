import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CommandError } from '../command.errors.js';
import { makeDirectory } from '../output/make-directory.js';
import { GENERATED_MARK } from './generated-code.js';
import { notGenerated, notWritten } from './generate.messages.js';

export interface GeneratedFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  /** How many keys it has. */
  readonly keys: number;
}

/** The text of a generated file; `undefined` if there is none. */
export async function readGenerated(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw failure(path, error);
  }
}

/**
 * Writes a generated file, unless it has that text: compilers in watch mode then do nothing. They never read half a file.
 *
 * @returns whether it was written
 * @throws {CommandError} a file of another origin is there, or the directory cannot be written to
 */
export async function writeGenerated({ path, text }: GeneratedFile): Promise<boolean> {
  const before = await readGenerated(path);
  if (before === text) return false;
  if (before !== undefined && before.trim() !== '' && !before.includes(GENERATED_MARK)) {
    throw new CommandError(notGenerated(path));
  }
  // The process id is 1 in every container that shares the directory.
  const part = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    makeDirectory(dirname(path));
    await writeFile(part, text);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    throw failure(path, error);
  }
  return true;
}

function failure(path: string, error: unknown): CommandError {
  return new CommandError(notWritten(path, (error as NodeJS.ErrnoException).code ?? 'unknown'));
}
