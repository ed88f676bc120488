export const datadirMissing = (): string =>
  'this directory does not exist. Create it, or correct the option "datadir".';

export const datadirNotDirectory = (): string =>
  'this is not a directory. Set the option "datadir" to a workspace directory, or use "datafile" for a file.';

export const directoryUnreadable = (code: string): string =>
  `this directory cannot be read (${code}). Make sure that it is a directory and that the user of this process may read it.`;

export const settingsMissing = (): string =>
  'the file is missing from the workspace. Create it with {"environments": ["production"]}, or correct the option "datadir".';

export const settingsElsewhere = (workspace: string): string =>
  `the file is missing here, but ${workspace} contains one. If that is the workspace, set the option "datadir" to it.`;

export const settingsNotObject = (): string =>
  'this is not a JSON object. Write {"environments": ["production"]} with your environments.';

export const environmentsNotStrings = (): string =>
  '"environments" is not a list of strings. Write {"environments": ["production"]} with your environments.';

export const configFileInvalid = (problem: string): string =>
  `this is not a config: ${problem}. Correct the file, or remove it.`;
