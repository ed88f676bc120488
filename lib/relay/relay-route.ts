import type { Exchange } from './exchange.js';
import type { RelayFeed } from './relay-feed.js';
import type { AcceptedKey, RelayKeys } from './relay-keys.js';

/** Serves an authenticated request. */
export type RelayHandler = (
  exchange: Exchange,
  key: AcceptedKey,
  feed: RelayFeed,
) => void | Promise<void>;

/** Turns a handler into one that serves only requests with one of these keys. */
export type Authenticated = (
  handler: RelayHandler,
  keys?: readonly RelayKeys[],
) => (exchange: Exchange) => void;

/** One path of the wire. */
export interface RelayRoute {
  readonly method: 'get' | 'post' | 'options';
  /** The exact path; with a slash at the end and `below`, also every path below it. */
  readonly path: string;
  readonly below?: boolean;
  /** Whether the handler reads the body itself, before any body parser of the application. */
  readonly readsBody?: boolean;
  readonly handle: (exchange: Exchange) => void;
}
