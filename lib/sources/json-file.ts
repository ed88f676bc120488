import type { Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { parse } from '@humanwhocodes/momoa';
import { WorkspaceError } from '../errors/index.js';
import { errorCode } from '../requests/index.js';
import {
  fileMissing,
  fileNotJson,
  fileNotRegular,
  fileNotUtf8,
  fileUnreadable,
} from './json-file.messages.js';

/** Drops a byte order mark, and rejects bytes that are not UTF-8 instead of replacing them. */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Says that the file does not exist. */
type MissingText = () => string | Promise<string>;

/**
 * Reads a JSON file.
 *
 * @param missing the message if the file does not exist
 * @param isRegular whether it is known to be a regular file, which saves a look at it
 * @throws {WorkspaceError} `invalid_workspace`: names the file, and the line and column of invalid JSON; never quotes the
 *   content
 */
export async function readJsonFile(
  path: string,
  missing: MissingText = fileMissing,
  isRegular = false,
): Promise<unknown> {
  return parseJson(path, decode(path, await readBytes(path, missing, isRegular)));
}

async function readBytes(path: string, missing: MissingText, isRegular: boolean): Promise<Buffer> {
  try {
    if (!isRegular) await refuseIrregular(path);
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof WorkspaceError) throw cause;
    const code = errorCode(cause);
    const reason = code === 'ENOENT' ? await missing() : fileUnreadable(code);
    throw new WorkspaceError(path, reason, { cause });
  }
}

/** Reading a pipe would wait for a writer, and reading a device may never end. */
async function refuseIrregular(path: string): Promise<void> {
  const stats = await stat(path);
  if (!stats.isFile()) throw new WorkspaceError(path, fileNotRegular(kindOf(stats)));
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a named pipe';
  return stats.isSocket() ? 'a socket' : 'a device';
}

function decode(path: string, bytes: Buffer): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new WorkspaceError(path, fileNotUtf8());
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Drop the error: its message quotes the content around the mistake.
    throw new WorkspaceError(path + positionOfMistake(text, error as SyntaxError), fileNotJson());
  }
}

/** Returns `:line:column`, or an empty string if neither parser reports a position. */
function positionOfMistake(text: string, { message }: SyntaxError): string {
  try {
    parse(text);
  } catch (error) {
    const { line, column } = error as { line?: unknown; column?: unknown };
    if (typeof line === 'number' && typeof column === 'number') return `:${line}:${column}`;
  }
  // The other parser accepts some mistakes (line breaks inside a string), and others exhaust it (deep nesting).
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position === undefined) return '';
  const before = text.slice(0, Number(position)).split('\n');
  return `:${before.length}:${before.at(-1)!.length + 1}`;
}
