import { Logger } from '@nestjs/common';
import { QuonfigService } from '../index.js';
import { RelayFeed } from './relay-feed.js';
import type { AcceptedKey } from './relay-keys.js';
import { environmentUnavailable, wrongEnvironment } from './relay.messages.js';
import type { RelaySettings } from './relay-options.js';

/** What a key may receive: a feed, none (the key is refused), or nothing yet. */
export type FeedOfKey = RelayFeed | 'refused' | 'unavailable';

/** Finds the feed of each key. */
export interface Environments {
  readonly feeds: readonly RelayFeed[];
  /** Prepares the feeds of these keys. Never rejects after the first call. */
  prepare(keys: readonly AcceptedKey[]): Promise<void>;
  feedOf(key: AcceptedKey): FeedOfKey;
  close(): Promise<void>;
}

/** Serves the one environment of the application's own service. */
export class ServiceEnvironment implements Environments {
  readonly feeds: readonly [RelayFeed];
  private readonly warned = new Set<string>();
  private started = false;

  constructor(
    service: QuonfigService,
    private readonly onPublished: () => void,
    { generation }: RelaySettings,
  ) {
    this.feeds = [new RelayFeed(service, generation)];
  }

  async prepare(): Promise<void> {
    if (this.started) return;
    this.started = true;
    const [feed] = this.feeds;
    feed.published$.subscribe(this.onPublished);
    await feed.start();
  }

  feedOf({ environment }: AcceptedKey): FeedOfKey {
    const [feed] = this.feeds;
    const served = feed.current?.meta.environment;
    if (feed.current === undefined) return 'unavailable';
    if (environment === undefined || environment === served) return feed;
    if (!this.warned.has(environment)) {
      this.warned.add(environment);
      new Logger('QuonfigRelay').warn(wrongEnvironment(environment, served ?? ''));
    }
    return 'refused';
  }

  close(): Promise<void> {
    this.feeds[0].close();
    return Promise.resolve();
  }
}

/** Serves any environment of a workspace directory, each from a service of its own. */
export class WorkspaceEnvironments implements Environments {
  private readonly byName = new Map<string, RelayFeed>();
  private readonly warned = new Set<string>();
  private preparing: Promise<void> = Promise.resolve();
  private started = false;
  private closed = false;

  constructor(
    private readonly settings: RelaySettings,
    private readonly onPublished: () => void,
  ) {}

  get feeds(): readonly RelayFeed[] {
    return [...this.byName.values()];
  }

  /** The first call rejects if an environment cannot be served, so that the application does not start. */
  prepare(keys: readonly AcceptedKey[]): Promise<void> {
    const isFirst = !this.started;
    this.started = true;
    const names = new Set(keys.map((key) => this.environmentOf(key)));
    const prepared = this.openAll(this.preparing, names, isFirst);
    this.preparing = prepared.catch(() => undefined);
    return prepared;
  }

  feedOf(key: AcceptedKey): FeedOfKey {
    const feed = this.byName.get(this.environmentOf(key) ?? '');
    return feed?.current === undefined ? 'unavailable' : feed;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.preparing;
    for (const feed of this.feeds) feed.close();
    await Promise.all(this.feeds.map(({ service }) => service.close()));
  }

  private environmentOf({ environment }: AcceptedKey): string | undefined {
    return environment ?? this.settings.environment ?? process.env['QUONFIG_ENVIRONMENT'];
  }

  private async openAll(
    previous: Promise<void>,
    names: ReadonlySet<string | undefined>,
    mustSucceed: boolean,
  ): Promise<void> {
    await previous;
    for (const name of names) await this.open(name, mustSucceed);
  }

  private async open(name: string | undefined, mustSucceed: boolean): Promise<void> {
    if (this.closed || this.byName.has(name ?? '')) return;
    try {
      this.byName.set(name ?? '', await this.feedFor(name));
    } catch (error) {
      if (mustSucceed) throw error;
      // Lists of keys and requests come here again, and try again.
      if (this.warned.has(name ?? '')) return;
      this.warned.add(name ?? '');
      const logger = new Logger('QuonfigRelay');
      logger.error(environmentUnavailable(name ?? '', (error as Error).message));
    }
  }

  private async feedFor(environment: string | undefined): Promise<RelayFeed> {
    const { datadir, generation } = this.settings;
    const service = await QuonfigService.create({
      datadir,
      environment,
      dataDirAutoReload: true,
      enableQuonfigUserContext: false,
      collectEvaluationSummaries: false,
      contextUploadMode: 'none',
      onNoDefault: 'ignore',
    });
    const feed = new RelayFeed(service, generation);
    feed.published$.subscribe(this.onPublished);
    try {
      await feed.start();
    } catch (error) {
      feed.close();
      await service.close();
      throw error;
    }
    return feed;
  }
}
