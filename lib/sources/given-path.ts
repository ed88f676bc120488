import { isAbsolute, resolve } from 'node:path';
import { relativeTo, workingDirectoryGone } from './given-path.messages.js';

/** A path from an option, made absolute. */
export interface GivenPath {
  /** As given if the path is relative and the working directory no longer exists. */
  readonly path: string;
  /** For messages: what a relative path is relative to. Empty for an absolute path. */
  readonly hint: string;
}

/** Makes a path from an option absolute at once, because the process may change its working directory later. */
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
