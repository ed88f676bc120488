export const sourceMissing = (path: string): string =>
  `${path} does not exist. Pass the directories of your code with --src.`;

export const noSources = (paths: readonly string[]): string =>
  `no source files found in ${paths.join(', ')}, so every key would be unused. Pass the directories of your code with --src.`;

export const nothingFound = (keys: number, files: number): string =>
  `${keys === 1 ? 'the only key is' : `all ${keys} keys are`} mentioned, and all mentioned keys exist (${files} source ${files === 1 ? 'file' : 'files'})`;

export const missingHeading = 'Mentioned, but not in the workspace';
export const unusedHeading = 'Not mentioned by any source file';

export const summary = (missing: number, unused: number): string =>
  `${missing} missing, ${unused} unused`;

export const openReads = (count: number): string =>
  `${count} ${count === 1 ? 'read has a key that is' : 'reads have keys that are'} computed at run time, so more keys may be used; --json lists them`;

export const clientsToo = 'also sent to browsers and mobile applications';

export const suggestion = (name: string | undefined): string =>
  name === undefined ? '' : `; did you mean ${name}?`;
