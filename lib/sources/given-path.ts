import { isAbsolute, resolve } from 'node:path';
import { relativeTo, workingDirectoryGone } from './given-path.messages.js';

/** A path from an option, made absolute. */
export interface GivenPath {
  /** Unchanged if it is relative and the working directory no longer exists. */
  readonly path: string;
  /** For messages: the directory to which the path is relative. Empty for an absolute path. */
  readonly hint: string;
}

/** Makes a path from an option absolute immediately, because the process may change its working directory later. */
export function givenPath(given: string): GivenPath {
  if (isAbsolute(given)) return { path: given, hint: '' };
  let directory: string;
  try {
    directory = process.cwd();
  } catch {
    return { path: given, hint: workingDirectoryGone(given) };
  }
  return { path: resolve(directory, given), hint: relativeTo(given, directory) };
}
