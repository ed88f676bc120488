import { relative, sep } from 'node:path';

/** The file that marks a directory as a workspace. */
export const SETTINGS_FILE = 'quonfig.json';

/** The directories of a workspace that contain configs, in the order in which they are read. */
export const CONFIG_DIRECTORIES: readonly string[] = [
  'configs',
  'feature-flags',
  'segments',
  'log-levels',
];

/** Whether a file of a config directory has the name of a config file. */
export function isConfigFileName(name: string): boolean {
  return name.endsWith('.json') && !name.startsWith('.');
}

/** Whether a path is the workspace itself, or a file or directory in it that is read. */
export function isPartOfWorkspace(datadir: string, path: string): boolean {
  const [first = '', second, ...deeper] = relative(datadir, path).split(sep);
  if (second === undefined) {
    return first === '' || first === SETTINGS_FILE || CONFIG_DIRECTORIES.includes(first);
  }
  return CONFIG_DIRECTORIES.includes(first) && isConfigFileName(second) && deeper.length === 0;
}
