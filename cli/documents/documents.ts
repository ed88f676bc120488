import { join, resolve } from 'node:path';
import { CommandError } from '../command.errors.js';
import { SCHEMA_DIRECTORIES, type WorkspaceFiles } from '../workspace/workspace-files.js';
import { documentNotJson, documentNotObject, documentUnreadable } from './documents.messages.js';

/** A document of a workspace. Only its being an object is certain. */
export interface WorkspaceDocument {
  readonly content: JsonRecord;
  /** Absolute path. */
  readonly file: string;
  /** Name of the file without `.json`. */
  readonly name: string;
  /** Whether it is in a directory for schemas. */
  readonly isSchema: boolean;
}

export type JsonRecord = Readonly<Record<string, unknown>>;

/**
 * Returns the documents of a workspace.
 *
 * @throws {CommandError} names the first file that is not a JSON object
 */
export function documentsOf({ datadir, files }: WorkspaceFiles): WorkspaceDocument[] {
  return files.map(({ path, directory, text, failure, content }) => {
    const shown = join(datadir, path);
    if (text === undefined) throw new CommandError(documentUnreadable(shown, failure));
    if (content === undefined) throw new CommandError(documentNotJson(shown));
    if (!isRecord(content)) throw new CommandError(documentNotObject(shown));
    return {
      content,
      file: resolve(shown),
      name: path.slice(directory.length + 1).replace(/\.json$/, ''),
      isSchema: SCHEMA_DIRECTORIES.includes(directory),
    };
  });
}

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object in a property; `undefined` if there is none. */
export function recordIn(from: unknown, name: string): JsonRecord | undefined {
  const value = isRecord(from) && Object.hasOwn(from, name) ? from[name] : undefined;
  return isRecord(value) ? value : undefined;
}

/** The list in a property; empty if there is none. */
export function listIn(from: unknown, name: string): readonly unknown[] {
  const value = isRecord(from) && Object.hasOwn(from, name) ? from[name] : undefined;
  return Array.isArray(value) ? value : [];
}
