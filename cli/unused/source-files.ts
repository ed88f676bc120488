import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MisuseError } from '../command.errors.js';
import { sourceMissing } from './unused.messages.js';

const SOURCE = /(?<!\.d)\.[cm]?[jt]sx?$/;
const TEST = /\.(?:spec|test|e2e-spec)\.[cm]?[jt]sx?$/;

/** Not written by the people of the project. */
const SKIPPED = new Set(['node_modules', 'dist', 'build', 'coverage']);

/**
 * Returns the source files at or below these paths, sorted.
 *
 * @throws {MisuseError} a path does not exist
 */
export function sourceFilesIn(paths: readonly string[]): string[] {
  const files = new Set<string>();
  for (const path of paths) {
    const status = statSync(path, { throwIfNoEntry: false });
    if (status === undefined) throw new MisuseError(sourceMissing(path));
    if (status.isDirectory()) collect(resolve(path), files);
    else files.add(resolve(path));
  }
  return [...files].sort();
}

function collect(directory: string, files: Set<string>): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name) && !entry.name.startsWith('.')) collect(path, files);
    } else if (SOURCE.test(entry.name)) files.add(path);
  }
}

/** Whether a file has tests, which also read keys that do not exist. */
export const isTestFile = (file: string): boolean => TEST.test(file);
