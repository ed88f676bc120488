import { Logger } from '@nestjs/common';
import type { RelayFeed } from '../relay-feed.js';
import { hintIn } from './hint.js';
import { type HintLink, MicroserviceLink, RedisLink } from './hint-links.js';
import type { RelayHintsOptions } from './hint-options.js';
import { HintedRefresh } from './hinted-refresh.js';
import { hintedRefreshFailed, hintsFailed, hintsRecovered } from './hints.messages.js';

/** Notifies other relays of each update, and refreshes when they have a newer one. */
export class RelayHints {
  private readonly link: HintLink;
  private readonly refreshes = new Map<RelayFeed, HintedRefresh>();
  /** The latest hint of another relay, by environment. */
  private readonly heard = new Map<string, number>();
  private readonly logger = new Logger('QuonfigRelay');
  private failing = false;

  constructor(options: RelayHintsOptions) {
    const listener = {
      received: (message: unknown): void => this.receive(message),
      failed: (reason: unknown): void => this.failed(reason),
    };
    this.link =
      'redis' in options
        ? new RedisLink(options.redis, listener)
        : new MicroserviceLink([options.client].flat(), listener);
  }

  /** Sends a hint for each later publication of a feed, and refreshes its service on hints. */
  follow(feed: RelayFeed): void {
    if (this.refreshes.has(feed)) return;
    const refresh = new HintedRefresh({
      generation: () => feed.current?.meta.generation ?? 0,
      refresh: () => feed.service.refresh(),
      failed: (reason) => this.logger.debug(hintedRefreshFailed(messageOf(reason))),
    });
    this.refreshes.set(feed, refresh);
    feed.published$.subscribe({
      next: ({ meta: { generation = 0, environment = '' } }) => {
        // Whoever sent the hint has sent it to everybody.
        if (this.heard.get(environment) === generation) return;
        this.link.send({ generation, environment });
      },
      complete: () => refresh.close(),
    });
  }

  /** Receives a hint, which may be anything. */
  receive(message: unknown): void {
    const hint = hintIn(message);
    if (hint === undefined) return;
    if (this.failing) this.logger.log(hintsRecovered);
    this.failing = false;
    for (const [feed, refresh] of this.refreshes) {
      if ((feed.current?.meta.environment ?? '') !== hint.environment) continue;
      this.heard.set(hint.environment, hint.generation);
      refresh.hinted(hint.generation);
    }
  }

  close(): void {
    this.link.close();
    for (const refresh of this.refreshes.values()) refresh.close();
  }

  /** Clients of Redis fail with every attempt to reconnect, so only the first failure is logged. */
  private failed(reason: unknown): void {
    if (!this.failing) this.logger.warn(hintsFailed(messageOf(reason)));
    this.failing = true;
  }
}

/** The code of an error. Its message could contain a URL with credentials. */
function messageOf(reason: unknown): string {
  const { code, name } = (reason ?? {}) as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : typeof name === 'string' ? name : typeof reason;
}
