/**
 * Takes the messages of this library. A message is plain text and never contains a secret.
 *
 * @publicApi
 */
export interface QuonfigLogger {
  debug?(message: string): void;
  info?(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}
