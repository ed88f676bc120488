import type { Observable } from 'rxjs';
import { wrongOption } from '../relay.messages.js';

/**
 * A Redis client, by its shape: of `redis` (or `@redis/client`) 4 or newer, or of `ioredis`.
 *
 * @publicApi
 */
export interface RelayRedisClient {
  /** Creates a client for the same server: one that subscribes can do nothing else. */
  duplicate(): RelayRedisClient;
  /** Publishes a message. */
  publish(channel: string, message: string): PromiseLike<unknown>;
  /** Subscribes to a channel. */
  subscribe(channel: string, ...listener: never[]): unknown;
  /** Listens to events. */
  // The listeners in the types of the clients accept `any[]`, which nothing but `any` matches.
  on(event: string, listener: (...args: any[]) => void): unknown;
  /** Connects; `redis` needs it. */
  connect?(): PromiseLike<unknown>;
  /** Ends the connection, in `redis` 5. */
  destroy?(): unknown;
  /** Ends the connection, in `ioredis` and `redis` 4. */
  disconnect?(): unknown;
  /** Whether `connect` was called; only `redis` has it. */
  readonly isOpen?: boolean;
}

/**
 * A `ClientProxy` of `@nestjs/microservices`, by its shape.
 *
 * @publicApi
 */
export interface RelayClientProxy {
  /** Sends an event. */
  emit(pattern: string, payload: unknown): Observable<unknown>;
}

/**
 * How relays of the same configs notify each other of updates. Each still follows its source by itself: a lost hint only means
 * that an update arrives when the source delivers it.
 *
 * @publicApi
 */
export type RelayHintsOptions =
  | {
      /** A client of `redis` or `ioredis`, which your application connects and closes. */
      readonly redis: RelayRedisClient;
    }
  | {
      /** Clients of the microservices of the other relays, or one client of a transport that reaches them all. */
      readonly client: RelayClientProxy | readonly RelayClientProxy[];
    };

export function hintProblems(given: unknown): string[] {
  if (given === undefined) return [];
  const { redis, client } = (given ?? {}) as Record<string, unknown>;
  if (has(redis, 'publish') && has(redis, 'duplicate')) return [];
  const clients = [client].flat();
  if (clients.length > 0 && clients.every((each) => has(each, 'emit'))) return [];
  return [wrongOption('hints', '{ redis: <client> } or { client: <ClientProxy, or a list> }')];
}

function has(object: unknown, method: string): boolean {
  return typeof (object as Record<string, unknown> | null | undefined)?.[method] === 'function';
}
