import { closestName } from 'nestjs-quonfig';
import { isJsonObject } from '../workspace/document-parts.js';
import { mistakeIn } from '../workspace/json-location.js';
import {
  CONFIG_DIRECTORIES,
  type ConfigDirectory,
  SCHEMA_DIRECTORIES,
  type WorkspaceFile,
  type WorkspaceFiles,
} from '../workspace/workspace-files.js';
import type { Document, Finding } from './finding.js';

const DIRECTORIES: readonly string[] = [...Object.keys(CONFIG_DIRECTORIES), ...SCHEMA_DIRECTORIES];

/** Finds files that are not JSON, and entries that do not belong into a workspace. */
export function layoutFindings({
  settings,
  files,
  strays,
  otherDirectories,
}: WorkspaceFiles): Finding[] {
  const findings: Finding[] = [];
  for (const file of [settings, ...files]) {
    const finding = fileFinding(file);
    if (finding !== undefined) findings.push(finding);
  }
  for (const { path, directory, isDirectory } of strays) {
    findings.push({
      rule: 'stray-entry',
      path,
      message: strayMessage(path, directory, isDirectory),
    });
  }
  for (const name of otherDirectories) {
    // Tools keep their own directories beside the files.
    if (name.startsWith('.') || name === 'node_modules') continue;
    const meant = closestName(name.replaceAll(/[_ ]/g, '-'), DIRECTORIES);
    const suggestion = meant === undefined ? '' : ` Did you mean ${meant}?`;
    const message = `The directory ${name} is not read.${suggestion} A workspace has ${DIRECTORIES.join(', ')}.`;
    findings.push({ rule: 'unknown-directory', path: name, message });
  }
  return findings;
}

function fileFinding({ path, text, failure, content }: WorkspaceFile): Finding | undefined {
  if (text === undefined) {
    const message =
      failure === undefined
        ? 'The file is not UTF-8. Save it as UTF-8.'
        : `The file cannot be read (${failure}). Make sure that it is a file and that you may read it.`;
    return { rule: 'invalid-json', path, message };
  }
  if (content === undefined) {
    const message = 'This is not valid JSON. Correct the file here, or just before this position.';
    return { rule: 'invalid-json', path, location: mistakeIn(text), message };
  }
  if (isJsonObject(content)) return undefined;
  return { rule: 'document-structure', path, at: [], message: 'A document is a JSON object.' };
}

function strayMessage(path: string, directory: string, isDirectory: boolean): string {
  if (isDirectory) return `Subdirectories are not read. Move its files to ${directory}.`;
  if (path.toLowerCase().endsWith('.json') && !path.endsWith('.json')) {
    return 'The file is not read: its name must end in .json, in lower case.';
  }
  return `The file is not read. ${directory} contains only files whose names end in .json and do not begin with a dot.`;
}

/** Finds documents whose key or type does not fit the file. */
export function placeFindings({ file, content, key }: Document): Finding[] {
  const findings: Finding[] = [];
  const { path, directory } = file;
  const name = path.slice(directory.length + 1, -'.json'.length);
  if (key !== undefined && key !== name) {
    const message = `The file is named ${name}.json, but its key is ${JSON.stringify(key)}. Rename the file, or correct the key.`;
    findings.push({ rule: 'file-name', path, at: ['key'], message });
  }
  const expected = SCHEMA_DIRECTORIES.includes(directory)
    ? 'schema'
    : CONFIG_DIRECTORIES[directory as ConfigDirectory];
  const { type } = content;
  const home = homeOf(type);
  if (home !== undefined && type !== expected) {
    const message = `The files in ${directory} have the type "${expected}". Move the file to ${home}, or correct "type".`;
    findings.push({ rule: 'directory', path, at: ['type'], message });
  }
  return findings;
}

/** Returns the directory of a type; `undefined` for an unknown type. */
function homeOf(type: unknown): string | undefined {
  return type === 'schema'
    ? 'schemas'
    : Object.entries(CONFIG_DIRECTORIES).find(([, its]) => its === type)?.[0];
}
