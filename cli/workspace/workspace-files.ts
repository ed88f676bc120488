import { type Dirent, readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from '../command.errors.js';
import { SETTINGS_FILE } from './find-workspace.js';
import { directoryUnreadable } from './workspace.messages.js';

/** The directories whose files the SDK reads, with the type of their documents. */
export const CONFIG_DIRECTORIES = {
  configs: 'config',
  'feature-flags': 'feature_flag',
  segments: 'segment',
  'log-levels': 'log_level',
} as const;

export type ConfigDirectory = keyof typeof CONFIG_DIRECTORIES;

/** The directories with the JSON Schemas of JSON values. */
export const SCHEMA_DIRECTORIES: readonly string[] = ['schemas', 'schemas-protected'];

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** A file of a workspace. */
export interface WorkspaceFile {
  /** Path below the workspace, with forward slashes: `configs/home.title.json`. */
  readonly path: string;
  /** The directory below the workspace: `configs`; empty for `quonfig.json`. */
  readonly directory: string;
  /** The content without a byte order mark; `undefined` if it cannot be read or is not UTF-8. */
  readonly text: string | undefined;
  /** Why there is no text, such as `EACCES`; absent if it is not UTF-8. */
  readonly failure?: string;
  /** The parsed content; `undefined` if it is not JSON. */
  readonly content: unknown;
}

/** An entry of a directory that is not a file of a workspace. */
export interface StrayEntry {
  readonly path: string;
  readonly directory: string;
  readonly isDirectory: boolean;
}

export interface WorkspaceFiles {
  readonly datadir: string;
  readonly settings: WorkspaceFile;
  /** The files of the config and schema directories, in the order in which the SDK reads them. */
  readonly files: readonly WorkspaceFile[];
  /** What else the config and schema directories contain. */
  readonly strays: readonly StrayEntry[];
  /** The other directories of the workspace. */
  readonly otherDirectories: readonly string[];
}

/**
 * Reads all files of a workspace. What cannot be read or parsed is left to the caller.
 *
 * Files are read synchronously: nothing else happens meanwhile, and for thousands of small files it is fastest.
 *
 * @param onRead called after each file, for progress
 * @throws {CommandError} a directory cannot be listed
 */
export function readWorkspace(
  datadir: string,
  onRead: (done: number, total: number) => void = () => {},
): WorkspaceFiles {
  const directories = [...Object.keys(CONFIG_DIRECTORIES), ...SCHEMA_DIRECTORIES];
  const strays: StrayEntry[] = [];
  const places: { directory: string; name: string }[] = [];
  for (const directory of directories) {
    for (const entry of list(join(datadir, directory))) {
      const { name } = entry;
      const path = `${directory}/${name}`;
      const kind = entry.isSymbolicLink() ? targetOf(join(datadir, path)) : entry;
      // Reading a pipe would wait for a writer, and reading a device may never end.
      if (kind?.isFile() === false || !isDocumentName(name)) {
        strays.push({ path, directory, isDirectory: kind?.isDirectory() ?? false });
      } else places.push({ directory, name });
    }
  }
  return {
    datadir,
    settings: readDocument(datadir, '', SETTINGS_FILE),
    files: places.map(({ directory, name }, index) => {
      onRead(index, places.length);
      return readDocument(datadir, directory, name);
    }),
    strays,
    otherDirectories: list(datadir)
      .filter((entry) => entry.isDirectory() && !directories.includes(entry.name))
      .map(({ name }) => name),
  };
}

/** Names in the order of the SDK. A missing directory is empty. */
function list(directory: string): Dirent[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new CommandError(directoryUnreadable(directory, code ?? 'unknown error'));
  }
}

/** What a symbolic link leads to; `undefined` if it leads nowhere or in a circle, which reading reports. */
function targetOf(link: string): Stats | undefined {
  try {
    return statSync(link, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function isDocumentName(name: string): boolean {
  return name.endsWith('.json') && !name.startsWith('.');
}

/** Reads one file of a workspace. */
export function readDocument(datadir: string, directory: string, name: string): WorkspaceFile {
  const path = directory === '' ? name : `${directory}/${name}`;
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(join(datadir, directory, name));
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    return { path, directory, text: undefined, failure: code, content: undefined };
  }
  const text = decoded(bytes);
  return { path, directory, text, content: text === undefined ? undefined : parse(text) };
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
