import type { ServerResponse } from 'node:http';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import type { AcceptedKey } from './relay-keys.js';
import type { RelayFeed } from './relay-feed.js';
import { type Patience, StreamClient } from './stream-client.js';
import { whenClosed } from './when-closed.js';

/** Well below the read deadline of clients, 90 s. */
const HEARTBEAT_MS = 25_000;
const HEARTBEAT = Buffer.from(': heartbeat\n\n');
/** How long writing to clients may block the event loop, in ms. */
const SLICE_MS = 8;
/** Clients that reconnect after a shutdown do so within this time, in ms. */
const RECONNECT_WITHIN_MS = 10_000;
const MIN_RECONNECT_MS = 500;
/** How long clients have to read the rest when their stream ends, in ms. */
const LAST_BYTES_MS = 2_000;

const PATIENCE: Patience = { stallMs: 30_000, eventMs: 300_000 };

/** The streams of all clients. */
export class StreamHub {
  private readonly clients = new Set<StreamClient>();
  private readonly heartbeats: NodeJS.Timeout;
  private closed = false;

  /** @param onStall called for each client that has stopped reading and was disconnected */
  constructor(
    private readonly onStall: () => void,
    private readonly patience = PATIENCE,
  ) {
    this.heartbeats = setInterval(() => {
      void this.inSlices((client) => client.heartbeat(HEARTBEAT));
    }, HEARTBEAT_MS).unref();
  }

  /** Number of open streams. */
  get size(): number {
    return this.clients.size;
  }

  /** Sends the current publication of the feed, then each later one. The head of the response has been written. */
  add(key: AcceptedKey, feed: Pick<RelayFeed, 'current'>, response: ServerResponse): void {
    const client = new StreamClient(key, response, () => feed.current, this.patience, this.onStall);
    this.clients.add(client);
    whenClosed(response, () => this.clients.delete(client));
    client.update();
  }

  /** Sends new publications to everyone. */
  broadcast(): Promise<void> {
    return this.inSlices((client) => client.update());
  }

  /** Ends the streams whose key is no longer valid; a client that does not read the end is disconnected. */
  endWhere(isInvalid: (key: AcceptedKey) => boolean): void {
    const ended = [...this.clients].filter(({ key }) => isInvalid(key));
    for (const client of ended) client.end(MIN_RECONNECT_MS);
    setTimeout(() => {
      for (const client of ended) if (this.clients.has(client)) client.destroy();
    }, LAST_BYTES_MS).unref();
  }

  /** Ends every stream, and asks clients to reconnect at different times. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearInterval(this.heartbeats);
    const open = [...this.clients];
    for (const client of open) {
      client.end(MIN_RECONNECT_MS + Math.floor(Math.random() * RECONNECT_WITHIN_MS));
    }
    const end = performance.now() + LAST_BYTES_MS;
    while (this.clients.size > 0 && performance.now() < end) await delay(10);
    for (const client of this.clients) client.destroy();
  }

  private async inSlices(action: (client: StreamClient) => void): Promise<void> {
    let end = performance.now() + SLICE_MS;
    for (const client of this.clients) {
      action(client);
      if (performance.now() < end) continue;
      await setImmediate();
      end = performance.now() + SLICE_MS;
    }
  }
}
