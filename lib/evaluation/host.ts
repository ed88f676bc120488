/** What evaluation needs from outside; everything else about it is pure. */
export interface EvaluationHost {
  /** The clock, epoch ms. */
  now(): number;
  /** A random number, 0 inclusive to 1 exclusive. */
  random(): number;
  /** The text of an environment variable. */
  env(name: string): string | undefined;
  /** Reports something a config author should know; each message once per client. */
  warnOnce(message: string): void;
}
