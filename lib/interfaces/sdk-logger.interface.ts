/**
 * Receives the messages of the SDK. A message is plain text and never contains a secret.
 *
 * @publicApi
 */
export interface SdkLogger {
  /** Details for diagnosing a problem. */
  debug?: ((message: string) => void) | undefined;
  /** Lifecycle events such as the first load. */
  info?: ((message: string) => void) | undefined;
  /** A problem that the SDK handles, and what to do about it. */
  warn(message: string): void;
  /** A problem that needs attention. */
  error(message: string): void;
}
