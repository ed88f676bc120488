/** Where a source says what it cannot say through its result. Messages are plain text without secrets. */
export interface SourceLogger {
  debug?(message: string): void;
  info?(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}
