export const loggerOfItself = (): string =>
  'logger is a Nest Logger, which would pass messages back to this logger; expected a logger that writes, such as new ConsoleLogger().';
