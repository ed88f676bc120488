import { relative, sep } from 'node:path';

/** The file that makes a directory a workspace. */
export const SETTINGS_FILE = 'quonfig.json';

/** The directories of a workspace that hold configs, in the order they are read. */
export const CONFIG_DIRECTORIES: readonly string[] = [
  'configs',
  'feature-flags',
  'segments',
  'log-levels',
];

/** Whether a file of a config directory is read, as far as its name tells. */
export function isDocumentName(name: string): boolean {
  return name.endsWith('.json') && !name.startsWith('.');
}

/** Whether a path is the workspace itself or anything in it that is read. */
export function isPartOfWorkspace(datadir: string, path: string): boolean {
  const [first = '', second, ...deeper] = relative(datadir, path).split(sep);
  if (second === undefined) {
    return first === '' || first === SETTINGS_FILE || CONFIG_DIRECTORIES.includes(first);
  }
  return CONFIG_DIRECTORIES.includes(first) && isDocumentName(second) && deeper.length === 0;
}
