import { Logger } from '@nestjs/common';
import { type Subscription } from 'rxjs';
import { InvalidOptionsError, type QuonfigService } from '../index.js';
import { serveConfigs } from './configs.handler.js';
import { type Environments, ServiceEnvironment, WorkspaceEnvironments } from './environments.js';
import { askToRetry, type Exchange, refuse } from './exchange.js';
import { Notice } from './notices.js';
import type { RelayFeed } from './relay-feed.js';
import { type AcceptedKey, RelayKeys } from './relay-keys.js';
import { limitReached, noService, serving, slowClients, unknownKeys } from './relay.messages.js';
import type { RelaySettings } from './relay-options.js';
import { serveStream } from './stream.handler.js';
import { StreamHub } from './stream-hub.js';

/** Serves an authenticated request. */
export type RelayHandler = (
  exchange: Exchange,
  key: AcceptedKey,
  feed: RelayFeed,
) => void | Promise<void>;

/** One path of the wire. */
export interface RelayRoute {
  readonly method: 'get' | 'post' | 'options';
  readonly path: string;
  readonly handle: (exchange: Exchange) => void;
}

/**
 * What a relay is doing.
 *
 * @publicApi
 */
export interface QuonfigRelayStatus {
  /** Number of open streams. */
  readonly streams: number;
  /** Number of open responses, streams included. */
  readonly connections: number;
  /** The environments that are served, each with its current version and generation. */
  readonly environments: readonly {
    /** Id of the environment; empty if the service does not name one. */
    readonly environment: string;
    /** Version of its configs. */
    readonly version: string;
    /** Generation of its configs; 0 if they have none. */
    readonly generation: number;
  }[];
}

/**
 * A relay: injectable in modules that import `QuonfigRelayModule`.
 *
 * @publicApi
 */
export class QuonfigRelay {
  /** @internal */
  readonly routes: readonly RelayRoute[];
  private readonly keys = new RelayKeys();
  private readonly environments: Environments;
  private readonly hub: StreamHub;
  private readonly notices: Record<'unknown' | 'limit' | 'slow', Notice>;
  private keyChanges: Subscription | undefined;
  private connections = 0;
  private closing = false;

  /** @internal The module creates it. */
  constructor(
    private readonly settings: RelaySettings,
    service: QuonfigService | undefined,
    name: string | undefined,
  ) {
    const { datadir, maxConnections, path } = settings;
    if (datadir === undefined && service === undefined) {
      throw new InvalidOptionsError([noService(name)]);
    }
    this.notices = {
      unknown: new Notice(unknownKeys),
      limit: new Notice((count) => limitReached(maxConnections, count)),
      slow: new Notice(slowClients),
    };
    this.hub = new StreamHub(() => this.notices.slow.occurred());
    const onPublished = (): void => void this.hub.broadcast();
    this.environments =
      datadir === undefined
        ? new ServiceEnvironment(service!, onPublished, settings)
        : new WorkspaceEnvironments(settings, onPublished);
    this.routes = [
      {
        method: 'get',
        path: `${path}/api/v2/configs`,
        handle: this.authenticated((exchange, _key, feed) => serveConfigs(exchange, feed.current!)),
      },
      {
        method: 'get',
        path: `${path}/api/v2/sse/config`,
        handle: this.authenticated((exchange, key, feed) =>
          serveStream(exchange, key, feed, this.hub),
        ),
      },
    ];
  }

  /** Returns what the relay is doing, as plain JSON. */
  status(): QuonfigRelayStatus {
    const environments = this.environments.feeds.flatMap(({ current }) => {
      if (current === undefined) return [];
      const { environment = '', version, generation = 0 } = current.meta;
      return [{ environment, version, generation }];
    });
    return { streams: this.hub.size, connections: this.connections, environments };
  }

  /** Returns {@link status}: what JSON and `inspect` show of a relay. */
  toJSON(): QuonfigRelayStatus {
    return this.status();
  }

  /** @internal Loads what it serves. */
  async start(): Promise<void> {
    this.keys.follow(this.settings.keys$);
    await this.environments.prepare(this.keys.accepted);
    this.keyChanges = this.keys.changed$.subscribe(() => {
      void this.environments.prepare(this.keys.accepted);
      this.hub.endWhere((key) => !this.keys.accepts(key));
    });
    const { environments } = this.status();
    const names = environments.map(({ environment }) => environment);
    if (names.length > 0) {
      new Logger('QuonfigRelay').log(serving(this.settings.path, names));
    }
  }

  /** @internal Ends every stream and refuses new ones, before the HTTP server closes. */
  async drain(): Promise<void> {
    this.closing = true;
    this.keyChanges?.unsubscribe();
    this.keys.close();
    await this.hub.close();
  }

  /** @internal */
  async close(): Promise<void> {
    for (const notice of Object.values(this.notices)) notice.close();
    await this.environments.close();
  }

  /** Authenticates requests, and limits how many are open. */
  private authenticated(handler: RelayHandler): (exchange: Exchange) => void {
    return (exchange) => {
      const { request, response } = exchange;
      const key = this.keys.find(request.headers.authorization);
      if (this.closing || !this.keys.known) {
        askToRetry(exchange);
        return;
      }
      const feed = key && this.environments.feedOf(key);
      if (feed === undefined || feed === 'refused') {
        this.notices.unknown.occurred();
        refuse(exchange, 401, { 'www-authenticate': 'Basic realm="quonfig"' });
        return;
      }
      if (feed === 'unavailable') {
        askToRetry(exchange);
        return;
      }
      if (this.connections >= this.settings.maxConnections) {
        this.notices.limit.occurred();
        askToRetry(exchange);
        return;
      }
      this.connections++;
      response.on('close', () => this.connections--);
      void this.run(() => handler(exchange, key!, feed), exchange);
    };
  }

  private async run(action: () => void | Promise<void>, exchange: Exchange): Promise<void> {
    try {
      await action();
    } catch {
      if (exchange.response.headersSent) exchange.response.destroy();
      else refuse(exchange, 500);
    }
  }
}
