export const furtherWarningsOmitted =
  'A thousand different warnings have been logged; further ones are omitted. Fix their causes, and restart to see more.';

export const noLoggerKey = (): string =>
  'The option loggerKey is not set, so every logger has the default level. Set it to the key of your log level config.';
