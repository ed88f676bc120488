import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { CommandError } from '../command.errors.js';
import { parseJson } from '../workspace/parse-json.js';
import { settingInvalid, settingsNotJson, settingsUnreadable } from './generate.messages.js';

const SETTINGS_FILE = 'quonfig.config.json';

/** Where the files go. */
export interface OutputSettings {
  /** Absolute. */
  readonly outputDirectory: string;
  readonly declarationFileName: string;
  readonly clientFileName: string;
  /** Whether the file of settings asks for a class. */
  readonly wantsClass: boolean;
}

const DEFAULTS = {
  outputDirectory: 'src/generated',
  declarationFileName: 'quonfig-types.ts',
  clientFileName: 'quonfig-configs.ts',
};

/** Targets that generate for a server: ours, and that of the family's own tools. */
const TARGETS = ['nestjs-ts', 'node-ts'];

/**
 * Reads `quonfig.config.json`, which the other tools of Quonfig use, too. Paths in it are relative to it.
 *
 * @throws {CommandError} the file is broken
 */
export async function readSettings(directory: string): Promise<OutputSettings> {
  const file = join(directory, SETTINGS_FILE);
  const settings = await readObject(file);
  const targets = objectOf(settings['targets'], file, 'targets');
  const own = TARGETS.map((name) => objectOf(targets[name], file, `targets.${name}`));
  const find = (setting: string): string | undefined => {
    for (const [index, target] of own.entries()) {
      const place = `targets.${TARGETS[index]}.${setting}`;
      const value = stringOf(target[setting], file, place);
      if (value !== undefined) return value;
    }
    return undefined;
  };
  const fileName = (setting: 'declarationFileName' | 'clientFileName'): string | undefined => {
    const name = find(setting);
    if (name === undefined) return undefined;
    if (basename(name) !== name || !/^[^/\\]+\.[mc]?ts$/.test(name)) {
      throw new CommandError(settingInvalid(file, setting, 'the name of a TypeScript file'));
    }
    return name;
  };
  const outputDirectory =
    find('outputDirectory') ??
    stringOf(settings['outputDirectory'], file, 'outputDirectory') ??
    DEFAULTS.outputDirectory;
  const clientFileName = fileName('clientFileName');
  return {
    outputDirectory: resolve(directory, outputDirectory),
    declarationFileName: fileName('declarationFileName') ?? DEFAULTS.declarationFileName,
    clientFileName: clientFileName ?? DEFAULTS.clientFileName,
    wantsClass: clientFileName !== undefined,
  };
}

async function readObject(file: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return {};
    throw new CommandError(settingsUnreadable(file, code ?? 'unknown error'));
  }
  let content: unknown;
  try {
    content = parseJson(text);
  } catch (error) {
    throw new CommandError(settingsNotJson(file, (error as Error).message));
  }
  return objectOf(content, file, 'the content');
}

function objectOf(value: unknown, file: string, place: string): Record<string, unknown> {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CommandError(settingInvalid(file, place, 'an object'));
  }
  return value as Record<string, unknown>;
}

function stringOf(value: unknown, file: string, place: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '') {
    throw new CommandError(settingInvalid(file, place, 'a string'));
  }
  return value;
}
