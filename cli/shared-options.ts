/** Accepted by every command. */
export const GLOBAL_OPTIONS = {
  quiet: { short: 'q', about: 'print nothing but the result' },
  help: { short: 'h', about: 'print this help' },
} as const;

/** The workspace that a command works on: pass it to `findWorkspace`. */
export const DATADIR = {
  datadir: {
    value: 'DIR',
    about: 'the workspace; else QUONFIG_DIR, ./our-config, ./.quonfig',
  },
} as const;

/** The environment whose rules apply. */
export const ENVIRONMENT = {
  environment: {
    value: 'NAME',
    about: 'the environment; else QUONFIG_ENVIRONMENT, or the only one',
  },
} as const;

export const JSON_OUTPUT = { json: { about: 'print JSON' } } as const;
