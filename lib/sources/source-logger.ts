/** Logs what a source cannot report through its result. Messages contain no secrets. */
export interface SourceLogger {
  debug?(message: string): void;
  info?(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}
