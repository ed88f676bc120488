export const noValueFound = (key: string): string =>
  `No value found for key "${key}": the read gives undefined. Add the config, or pass a default as third argument.`;

export const notInitialized =
  'No configs have been loaded yet. Pass a default, or wait until ready() is true.';

/** A key of another type than text comes from JavaScript; it must not fail here. */
export const keyUnknown = (key: unknown): string =>
  `There is no config with the key "${String(key)}".`;

export const notConvertible = (key: string, type: string): string =>
  `The value of config "${key}" is not a ${type}.`;

export const desiredLevelUnknown = (level: unknown): string =>
  `shouldLog was asked for ${
    typeof level === 'string' || typeof level === 'number'
      ? `the unknown level "${level}"`
      : 'no level'
  } and answers true. Use trace, debug, info, warn, error or fatal.`;

export const logSubjectMissing =
  'shouldLog needs either configKey or loggerPath, and not both. Pass exactly one of them.';

export const loggerKeyMissing =
  'shouldLog with a loggerPath needs the option loggerKey: set it to the key of your log level config.';

export const observedReadFailed = (key: string, error: unknown): string =>
  `The observed config "${key}" has no usable value now; observers keep the one before. ${
    error instanceof Error ? error.message : ''
  }`;
