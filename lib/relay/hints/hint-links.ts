import { type Hint, QUONFIG_RELAY_HINT } from './hint.js';
import type { RelayClientProxy, RelayRedisClient } from './hint-options.js';

/** A way to reach the other relays. Nothing of it throws or rejects. */
export interface HintLink {
  send(hint: Hint): void;
  close(): void;
}

export interface LinkListener {
  received(message: unknown): void;
  failed(reason: unknown): void;
}

/** How long after a failure to subscribe again, in ms. */
const RETRY_MS = 5_000;

/** Publishes and receives hints over a channel of Redis. */
export class RedisLink implements HintLink {
  private subscriber: RelayRedisClient | undefined;
  private retry: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly client: RelayRedisClient,
    private readonly listener: LinkListener,
  ) {
    void this.subscribe();
  }

  send(hint: Hint): void {
    void attempt(
      () => this.client.publish(QUONFIG_RELAY_HINT, JSON.stringify(hint)),
      (reason) => this.failed(reason),
    );
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
    this.disconnect();
  }

  /** The clients reconnect and subscribe again by themselves, but only once the first attempt has succeeded. */
  private subscribe(): Promise<void> {
    return attempt(
      async () => {
        const { client } = this;
        const subscriber = client.duplicate();
        this.subscriber = subscriber;
        subscriber.on('error', (reason: unknown) => this.failed(reason));
        const received = (message: unknown): void => this.listener.received(message);
        if (client.isOpen === undefined) {
          subscriber.on('message', (_channel: unknown, message: unknown) => received(message));
          await subscriber.subscribe(QUONFIG_RELAY_HINT);
        } else {
          await subscriber.connect?.();
          await subscriber.subscribe(QUONFIG_RELAY_HINT, received as never);
        }
      },
      (reason) => {
        this.failed(reason);
        this.disconnect();
        if (this.closed) return;
        this.retry = setTimeout(() => void this.subscribe(), RETRY_MS).unref();
      },
    );
  }

  private disconnect(): void {
    const { subscriber } = this;
    void attempt(
      () => (subscriber?.destroy ? subscriber.destroy() : subscriber?.disconnect?.()),
      () => undefined,
    );
  }

  private failed(reason: unknown): void {
    if (!this.closed) this.listener.failed(reason);
  }
}

/** Sends hints as events to each microservice. Each passes them to `QuonfigRelay.receiveHint`. */
export class MicroserviceLink implements HintLink {
  constructor(
    private readonly clients: readonly RelayClientProxy[],
    private readonly listener: LinkListener,
  ) {}

  send(hint: Hint): void {
    const error = (reason: unknown): void => this.listener.failed(reason);
    for (const client of this.clients) {
      void attempt(() => void client.emit(QUONFIG_RELAY_HINT, hint).subscribe({ error }), error);
    }
  }

  close(): void {
    // The application owns the clients.
  }
}

/** Runs an action that may throw or reject. */
async function attempt(action: () => unknown, failed: (reason: unknown) => void): Promise<void> {
  try {
    await action();
  } catch (reason) {
    failed(reason);
  }
}
