export const loggerOfItself = (): string =>
  'logger is a Logger of Nest, which passes messages to the logger of the application and thus back here; expected a logger that writes, such as new ConsoleLogger().';
