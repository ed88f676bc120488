/** The side effects that evaluation needs; everything else about it is pure. */
export interface EvaluationHost {
  /** Returns the time, in ms since the epoch. */
  now(): number;
  /** Returns a random number, 0 inclusive to 1 exclusive. */
  random(): number;
  /** Returns an environment variable. */
  env(name: string): string | undefined;
  /** Logs a warning for config authors, each message once per service. */
  warnOnce(message: string): void;
}
