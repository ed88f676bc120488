import type { StreamState } from '../sources/stream/stream-state.js';

/**
 * Whether what is held follows its source. There are no other words.
 *
 * @publicApi
 */
export type ConnectionState = 'initializing' | 'connected' | 'falling_back' | 'disconnected';

/** What the state of a network delivery is derived from; nothing of it is remembered. */
export interface LiveParts {
  /** Closed, or suspended. */
  readonly stopped: boolean;
  /** Whether there are configs. */
  readonly ready: boolean;
  /** Whether the stream is refused and nothing takes its place. */
  readonly givenUp: boolean;
  readonly polling: boolean;
  /** State of the stream; `off` when there is to be none. */
  readonly stream: StreamState | undefined | 'off';
  /** Whether anything has succeeded since the parts were last stopped. */
  readonly proven: boolean;
}

export function connectionStateOf(parts: LiveParts): ConnectionState {
  // Nothing is on its way any more when the stream is refused before the first configs came.
  if (parts.stopped || parts.givenUp) return 'disconnected';
  if (!parts.ready) return 'initializing';
  if (parts.polling) return 'falling_back';
  const following = parts.stream === 'off' ? parts.proven : parts.stream === 'connected';
  return following ? 'connected' : 'disconnected';
}
