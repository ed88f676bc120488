/** What has been recorded since the last time. */
export interface WindowSource {
  /** Whether nothing has been recorded since the last take. */
  readonly isEmpty: boolean;
  /**
   * Closes the window and opens the next, at once; gives the closed one as the bytes of a request body, made in slices.
   * `undefined` when nothing was recorded.
   */
  take(): Promise<Uint8Array | undefined>;
  /** Ends all recording, and lets go of what was recorded. */
  stop(): void;
}
