const WORKSPACE = 'a directory that contains quonfig.json';

export const workspaceNotFound = (): string =>
  `no workspace found in ./our-config or ./.quonfig. Pass one with --datadir or QUONFIG_DIR: ${WORKSPACE}.`;

export const workspaceElsewhere = (directory: string): string =>
  `no workspace found in ./our-config or ./.quonfig. Did you mean --datadir ${directory}?`;

export const notWorkspace = (
  directory: string,
  exists: boolean,
  option: string,
  near: string | undefined,
): string => {
  const problem = exists ? 'does not contain quonfig.json' : 'is not a directory';
  const remedy = near === undefined ? `Set ${option} to ${WORKSPACE}.` : `Did you mean ${near}?`;
  return `${directory} ${problem}, so it is not a workspace. ${remedy}`;
};

export const directoryUnreadable = (directory: string, code: string): string =>
  `${directory} cannot be read (${code}). Make sure that it is a directory and that you may read it.`;

export const environmentNeeded = (available: readonly string[]): string =>
  available.length === 0
    ? 'choose an environment with --environment or QUONFIG_ENVIRONMENT.'
    : `choose an environment with --environment or QUONFIG_ENVIRONMENT: ${available.join(', ')}.`;

export const environmentUnknown = (
  environment: string,
  available: readonly string[],
  suggestion: string | undefined,
): string =>
  `the workspace has no environment "${environment}".${suggestion === undefined ? '' : ` Did you mean ${suggestion}?`} It has: ${available.join(', ')}.`;
