import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, OptionRow } from '../command.js';
import type { CommandRow } from '../commands.js';
import { GLOBAL_OPTIONS } from '../shared-options.js';
import { findWorkspace } from '../workspace/find-workspace.js';
import { readEnvironments } from '../workspace/settings.js';
import { CONFIG_DIRECTORIES } from '../workspace/workspace-files.js';
import { DIRECTORIES, FILES, SCRIPTS } from './scripts.js';

/** A word that may be next, and what it means; without the latter, a name such as a key. */
type Suggestion = readonly [word: string, about?: string];

/**
 * Returns what may be at the cursor, one per line.
 *
 * @param words what follows the program up to the cursor; the last one is being typed, and may be empty
 */
export async function suggestionsFor(
  words: readonly string[],
  commands: readonly CommandRow[],
): Promise<string[]> {
  const typed = words.at(-1) ?? '';
  return (await allFor(words, commands))
    .filter(([word]) => word.startsWith(':') || word.startsWith(typed))
    .map(([word, about]) => (about === undefined ? word : `${word}\t${about}`));
}

async function allFor(
  words: readonly string[],
  commands: readonly CommandRow[],
): Promise<readonly Suggestion[]> {
  const names = commands.map(({ name, summary }): Suggestion => [name, summary]);
  if (words.length < 2) return names;
  const [name, ...rest] = words;
  if (name === 'help') return rest.length === 1 ? names : [];
  const command = await commands.find((row) => row.name === name)?.load();
  if (command === undefined) return [];
  return argumentsOf(command, rest);
}

function argumentsOf(command: Command, words: readonly string[]): readonly Suggestion[] {
  const table: Readonly<Record<string, OptionRow>> = { ...command.options, ...GLOBAL_OPTIONS };
  const typed = words.at(-1)!;
  const before = words.slice(0, -1);
  const last = rowOf(before.at(-1), table);
  if (last?.value !== undefined) return valuesOf(before.at(-1)!, last, workspaceOf(before));
  if (typed.startsWith('-')) {
    return Object.entries(table)
      .filter(([name, row]) => row.multiple || !before.includes(`--${name}`))
      .map(([name, { about }]) => [`--${name}`, about]);
  }
  const { max = 0, are } = command.operands ?? {};
  const given = before.filter(
    (word, index) => !word.startsWith('-') && rowOf(before[index - 1], table)?.value === undefined,
  );
  if (given.length >= max) return [];
  switch (are) {
    case 'keys':
      return keysOf(workspaceOf(before));
    case 'environments':
      return environmentsOf(workspaceOf(before));
    case 'shells':
      return [...SCRIPTS.keys()].map((shell): Suggestion => [shell]);
    default:
      return [];
  }
}

function rowOf(
  word: string | undefined,
  table: Readonly<Record<string, OptionRow>>,
): OptionRow | undefined {
  const name = word?.startsWith('--') ? word.slice(2) : undefined;
  return name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}

function valuesOf(
  option: string,
  { value, choices }: OptionRow,
  datadir: string | undefined,
): readonly Suggestion[] {
  if (choices !== undefined) return choices.map((choice): Suggestion => [choice]);
  if (option === '--environment') return environmentsOf(datadir);
  switch (value) {
    case 'DIR':
      return [[DIRECTORIES]];
    case 'FILE':
    case 'PATH':
      return [[FILES]];
    case 'KEY':
      return keysOf(datadir);
    default:
      return [];
  }
}

/** The workspace of the line that is being typed; `undefined` if there is none yet. */
function workspaceOf(words: readonly string[]): string | undefined {
  const at = words.lastIndexOf('--datadir');
  try {
    return findWorkspace(at === -1 ? undefined : words[at + 1]);
  } catch {
    return undefined;
  }
}

function environmentsOf(datadir: string | undefined): readonly Suggestion[] {
  return datadir === undefined ? [] : readEnvironments(datadir).map((name): Suggestion => [name]);
}

/** By the names of files, which are their keys: reading thousands of files would take too long here. */
function keysOf(datadir: string | undefined): readonly Suggestion[] {
  if (datadir === undefined) return [];
  const names = Object.keys(CONFIG_DIRECTORIES).flatMap((directory) => {
    try {
      return readdirSync(join(datadir, directory));
    } catch {
      return [];
    }
  });
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name): Suggestion => [name.slice(0, -'.json'.length)]);
}
