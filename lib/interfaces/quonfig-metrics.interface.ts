/**
 * Counters since the service was made.
 *
 * @publicApi
 */
export interface QuonfigMetrics {
  /** Sets of configs installed. */
  installs: number;
  /** Reads of the source that failed, the first load included. */
  failedRefreshes: number;
  /** Callbacks and `@OnQuonfigUpdate` handlers that threw or rejected. */
  callbackErrors: number;
  /** Message of the last failed read of the source. Contains no secret. */
  lastError?: string;
}
