/**
 * The pattern of the events that relays send to microservices, and their channel in Redis: `quonfig.relay.hint`.
 *
 * @publicApi
 */
export const QUONFIG_RELAY_HINT = 'quonfig.relay.hint';

/** What relays say to each other: there is a generation. It contains no configs, and nothing is installed from it. */
export interface Hint {
  readonly generation: number;
  /** The environment of the configs. */
  readonly environment: string;
}

const MAX_HINT_LENGTH = 500;

/** Returns a hint from outside; `undefined` if it is anything else. */
export function hintIn(received: unknown): Hint | undefined {
  try {
    if (typeof received === 'string' && received.length > MAX_HINT_LENGTH) return undefined;
    const hint: unknown = typeof received === 'string' ? JSON.parse(received) : received;
    const { generation, environment } = hint as { generation: unknown; environment: unknown };
    if (!Number.isSafeInteger(generation) || typeof environment !== 'string') return undefined;
    return { generation: generation as number, environment };
  } catch {
    return undefined;
  }
}
