import type { StreamState } from '../sources/stream/stream-state.js';

/**
 * Whether the current configs follow their source.
 *
 * @publicApi
 */
export type ConnectionState = 'initializing' | 'connected' | 'falling_back' | 'disconnected';

/** The facts that determine the state of a network delivery. */
export interface ConnectionFacts {
  /** Whether the delivery is closed or suspended. */
  readonly stopped: boolean;
  /** Whether configs have been loaded. */
  readonly ready: boolean;
  /** Whether the stream was refused and polling does not replace it. */
  readonly givenUp: boolean;
  readonly polling: boolean;
  /** State of the stream; `off` if the options disable it. */
  readonly stream: StreamState | undefined | 'off';
  /** Whether a refresh has succeeded since the delivery was last suspended. */
  readonly refreshed: boolean;
}

export function connectionStateOf(facts: ConnectionFacts): ConnectionState {
  // Check this before `ready`: if the stream was refused before the first configs, none will arrive.
  if (facts.stopped || facts.givenUp) return 'disconnected';
  if (!facts.ready) return 'initializing';
  if (facts.polling) return 'falling_back';
  const following = facts.stream === 'off' ? facts.refreshed : facts.stream === 'connected';
  return following ? 'connected' : 'disconnected';
}
