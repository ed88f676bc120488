import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SETTINGS_FILE } from './find-workspace.js';
import { parseJson } from './parse-json.js';

/** Returns the environments that `quonfig.json` lists; none if it cannot be read, which opening the workspace reports. */
export function readEnvironments(datadir: string): readonly string[] {
  try {
    return environmentsIn(parseJson(readFileSync(join(datadir, SETTINGS_FILE), 'utf8')));
  } catch {
    return [];
  }
}

/** Returns the environments in the content of a `quonfig.json`. */
export function environmentsIn(settings: unknown): readonly string[] {
  const environments = (settings as { environments?: unknown } | null | undefined)?.environments;
  return Array.isArray(environments)
    ? environments.filter((id): id is string => typeof id === 'string')
    : [];
}
