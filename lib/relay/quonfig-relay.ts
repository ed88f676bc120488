import { inspect } from 'node:util';
import { setTimeout } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { Subscription } from 'rxjs';
import { InvalidOptionsError, type QuonfigService } from '../index.js';
import { serveConfigs } from './configs.handler.js';
import { type Environments, ServiceEnvironment, WorkspaceEnvironments } from './environments.js';
import { askToRetry, type Exchange, refuse } from './exchange.js';
import { Notice } from './notices.js';
import { RelayKeys } from './relay-keys.js';
import { limitReached, noService, serving, slowClients, unknownKeys } from './relay.messages.js';
import type { RelaySettings } from './relay-options.js';
import type { RelayHandler, RelayRoute } from './relay-route.js';
import { RelayEvaluations } from './evaluations/relay-evaluations.js';
import { RelayHints } from './hints/relay-hints.js';
import { TelemetryForward } from './forwarding/telemetry-forward.js';
import { telemetryRoutes } from './forwarding/telemetry-routes.js';
import { serveStream } from './stream.handler.js';
import { StreamHub } from './stream-hub.js';
import { whenClosed } from './when-closed.js';

/** How long after an attempt a request makes the relay load missing environments again, in ms. */
const PREPARE_AGAIN_MS = 1_000;

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
  private readonly evaluations: RelayEvaluations | undefined;
  private readonly telemetry: TelemetryForward | undefined;
  private readonly hints: RelayHints | undefined;
  private readonly notices: Record<'unknown' | 'limit' | 'slow', Notice>;
  private readonly keyChanges = new Subscription();
  private connections = 0;
  private closing = false;
  private preparingAgain = false;

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
    const { evaluations, telemetry, hints } = settings;
    this.evaluations = evaluations && new RelayEvaluations(evaluations, path);
    this.telemetry = telemetry && new TelemetryForward(telemetry);
    this.hints = hints && new RelayHints(hints);
    this.routes = this.createRoutes();
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

  /** @internal The options may hold keys, such as the Observable of `keys`. */
  [inspect.custom](): QuonfigRelayStatus {
    return this.status();
  }

  /**
   * Receives a hint of another relay over a microservice of the application. With the option `hints: { redis }`, the relay
   * receives hints by itself.
   *
   * @param hint what the message contains; anything other than a hint is ignored
   * @example
   * ```ts
   * @EventPattern(QUONFIG_RELAY_HINT)
   * receive(@Payload() hint: unknown): void {
   *   this.relay.receiveHint(hint);
   * }
   * ```
   */
  receiveHint(hint: unknown): void {
    this.hints?.receive(hint);
  }

  /** @internal Loads what it serves. */
  async start(): Promise<void> {
    this.keys.follow(this.settings.keys$);
    this.evaluations?.start();
    const prepared = this.prepare();
    // Keys may change while the first environments load.
    for (const { changed$ } of this.allKeys) {
      this.keyChanges.add(changed$.subscribe(() => void this.prepare()));
    }
    this.keyChanges.add(
      this.keys.changed$.subscribe(() => this.hub.endWhere((key) => !this.keys.accepts(key))),
    );
    await prepared;
    const { environments } = this.status();
    const names = environments.map(({ environment }) => environment);
    if (names.length > 0) {
      new Logger('QuonfigRelay').log(serving(this.settings.path, names));
    }
  }

  /** @internal Ends every stream and refuses new ones, before the HTTP server closes. */
  async drain(): Promise<void> {
    this.closing = true;
    this.keyChanges.unsubscribe();
    this.keys.close();
    this.evaluations?.close();
    this.telemetry?.close();
    await this.hub.close();
  }

  /** @internal Also after a start that failed. */
  async close(): Promise<void> {
    await this.drain();
    for (const notice of Object.values(this.notices)) notice.close();
    this.hints?.close();
    await this.environments.close();
  }

  private get allKeys(): readonly RelayKeys[] {
    return this.evaluations === undefined ? [this.keys] : [this.keys, this.evaluations.keys];
  }

  /** Keys may come from the configs themselves. Clients would not come back after a refusal. */
  private get hasConfigs(): boolean {
    return this.environments.feeds.some(({ current }) => current !== undefined);
  }

  private async prepare(): Promise<void> {
    await this.environments.prepare(this.allKeys.flatMap(({ accepted }) => accepted));
    for (const feed of this.environments.feeds) this.hints?.follow(feed);
  }

  /** A workspace that lacked an environment may have been corrected. */
  private async prepareAgain(): Promise<void> {
    if (this.preparingAgain) return;
    this.preparingAgain = true;
    await this.prepare();
    await setTimeout(PREPARE_AGAIN_MS, undefined, { ref: false });
    this.preparingAgain = false;
  }

  private createRoutes(): RelayRoute[] {
    const { path } = this.settings;
    const authenticated = this.authenticated.bind(this);
    const telemetry = telemetryRoutes(path, this.telemetry, authenticated, this.allKeys);
    return [
      {
        method: 'get',
        path: `${path}/api/v2/configs`,
        handle: authenticated((exchange, _key, feed) => serveConfigs(exchange, feed.current!)),
      },
      {
        method: 'get',
        path: `${path}/api/v2/sse/config`,
        handle: authenticated((exchange, key, feed) => serveStream(exchange, key, feed, this.hub)),
      },
      ...(this.evaluations?.routes(authenticated, telemetry) ?? telemetry),
    ];
  }

  /** Authenticates requests, and limits how many are open. */
  private authenticated(
    handler: RelayHandler,
    accepted: readonly RelayKeys[] = [this.keys],
  ): (exchange: Exchange) => void {
    return (exchange) => {
      const { request, response } = exchange;
      const found = accepted.map((keys) => keys.find(request.headers.authorization));
      const key = found.find((each) => each !== undefined);
      const areKeysFinal = this.hasConfigs && accepted.every(({ known }) => known);
      const mayBeKnownLater = key === undefined && !areKeysFinal;
      if (this.closing || mayBeKnownLater) {
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
        void this.prepareAgain();
        askToRetry(exchange);
        return;
      }
      if (this.connections >= this.settings.maxConnections) {
        this.notices.limit.occurred();
        askToRetry(exchange);
        return;
      }
      this.connections++;
      whenClosed(response, () => this.connections--);
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
