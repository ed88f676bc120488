/**
 * Makes the requests of the SDK. The global `fetch` is one, and so is the `fetch` of `undici`.
 *
 * The types describe only what the SDK uses, so they fit every `fetch` that follows the standard, whichever package or
 * version declares its types.
 *
 * @param url absolute URL
 * @param init what to send; pass on its `signal`
 * @returns a response whose body can be read as it arrives
 * @publicApi
 */
export type QuonfigFetch = (url: string, init: QuonfigRequestInit) => Promise<QuonfigResponse>;

/**
 * What a {@link QuonfigFetch} receives beside the URL; any `fetch` accepts it as its second argument.
 *
 * @publicApi
 */
export interface QuonfigRequestInit {
  /** Default `GET`. */
  method?: 'POST';
  /** Includes the credentials. */
  headers: Record<string, string>;
  /** A telemetry report. */
  // `Uint8Array` has no type parameter before TypeScript 5.7; this is `Uint8Array<ArrayBuffer>` from then on.
  body?: ReturnType<Uint8ArrayConstructor['of']>;
  /** Redirects are returned, not followed: the SDK checks where they lead. */
  redirect: 'manual';
  /** Set in development, where frameworks cache responses. */
  cache?: 'no-store';
  /** Aborts the request and the body of its response. */
  signal: AbortSignal;
}

/**
 * What a {@link QuonfigFetch} returns: a `Response`, or anything with these properties of one.
 *
 * @publicApi
 */
export interface QuonfigResponse {
  /** HTTP status. */
  readonly status: number;
  /** Response headers. */
  readonly headers: {
    /** Returns the value of a header, whatever the case of its name; `null` if it is absent. */
    get(name: string): string | null;
  };
  /** A `ReadableStream` of bytes; `null` if the response has no body. */
  readonly body: {
    /** Returns what reads the stream. */
    getReader(): {
      /** Returns the next bytes. */
      read(): Promise<{
        /** Whether the stream has ended. */
        done: boolean;
        /** A `Uint8Array` until then. */
        value?: unknown;
      }>;
      /** Ends the stream. */
      cancel(): Promise<unknown>;
    };
    /** Ends a stream that nothing reads. */
    cancel(): Promise<unknown>;
  } | null;
}
