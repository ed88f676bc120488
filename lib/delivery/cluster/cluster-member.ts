import { BehaviorSubject } from 'rxjs';
import { messageText } from '../../errors/message-text.js';
import { delay, reconnectDelay } from '../../requests/index.js';
import type { LeaderLink, LeaderLinkSink } from '../../sources/cluster/leader-link.js';
import { LinkError } from '../../sources/cluster/link-error.js';
import type { MeetingPlace } from '../../sources/cluster/socket-place.js';
import type { SourceLogger } from '../../sources/source-logger.js';
import {
  followingLeader,
  followsAlone,
  leaderLost,
  leading,
  leadershipEnded,
} from './cluster.messages.js';
import type { LeaderServer } from './leader-server.js';

/** How long a process waits before it tries to share again, in ms. */
const ALONE_MS = 30_000;
/** Attempts to find or become a leader, before the process follows by itself. Each ends in a fraction of a second. */
const MAX_ATTEMPTS = 20;
const ATTEMPT_PAUSE_MS = 25;
/** More would leave no time of `initTimeout` for the first load: each costs the deadline of a handshake. */
const MAX_SILENCES = 1;

/** It looks for a leader (`seeking`), leads, follows another process, or follows the source by itself (`alone`). */
export type MemberRole = 'seeking' | 'leader' | 'follower' | 'alone';

export interface ClusterMemberOptions {
  readonly place: MeetingPlace;
  /** Whether this process leads in preference to others. */
  readonly preferred: boolean;
  readonly random: () => number;
  readonly logger: SourceLogger;
  readonly sink: LeaderLinkSink;
  createLink(): LeaderLink;
  createServer(): LeaderServer;
  onLinkEnded(reason: LinkError): void;
}

type Outcome =
  { readonly leader: LeaderServer } | { readonly link: LeaderLink } | { readonly alone: string };

/**
 * Finds the leading process, or leads: whoever comes first. When the leader is gone, another one is elected in the same way;
 * the socket decides.
 */
export class ClusterMember {
  readonly role$ = new BehaviorSubject<MemberRole>('seeking');
  link: LeaderLink | undefined;
  server: LeaderServer | undefined;
  private stopping = new AbortController();
  private running: Promise<void> | undefined;
  private started = false;
  /** Consecutive links that ended before they delivered anything. */
  private failures = 0;
  private loggedReason: string | undefined;

  constructor(private readonly options: ClusterMemberOptions) {}

  get role(): MemberRole {
    return this.role$.value;
  }

  /** Also starts again after `stop()`. */
  start(): void {
    if (this.started) return;
    this.started = true;
    this.stopping = new AbortController();
    const { signal } = this.stopping;
    const before = this.running;
    this.running = (async () => {
      await before;
      await this.run(signal);
    })();
  }

  /** Leads and follows no longer; the role is `seeking`. Never rejects. */
  async stop(): Promise<void> {
    if (!this.started) return;
    this.started = false;
    this.stopping.abort();
    this.link?.close();
    await Promise.all([this.server?.close(), this.running]);
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let waitMs: number;
      try {
        waitMs = await this.live(await this.elect(signal), signal);
      } catch (error) {
        waitMs = this.beAlone(messageText(error), signal);
      }
      await delay(waitMs, signal).catch(() => undefined);
    }
    this.enter('seeking');
  }

  /** Returns how long to wait before the next election, in ms. */
  private async live(outcome: Outcome, signal: AbortSignal): Promise<number> {
    const { logger, preferred, random } = this.options;
    if ('alone' in outcome) return this.beAlone(outcome.alone, signal);
    this.loggedReason = undefined;
    if ('leader' in outcome) {
      const { leader } = outcome;
      this.server = leader;
      if (signal.aborted) void leader.close();
      else this.lead();
      const end = await leader.ended;
      this.server = undefined;
      if (end !== 'closed') {
        logger.info?.(leadershipEnded(end));
        // Follows the source until there is another leader.
        this.enter('alone');
      }
      // Whoever is preferred goes first.
      return reconnectDelay(1, random);
    }
    const end = await this.follow(outcome.link, signal);
    if (signal.aborted) return 0;
    this.options.onLinkEnded(end);
    if (end.kind === 'invalid') return this.beAlone(end.message, signal);
    logger.info?.(leaderLost(end.message));
    this.enter('seeking');
    return preferred && this.failures === 0 ? 0 : reconnectDelay(this.failures++, random);
  }

  private lead(): void {
    this.options.logger.info?.(leading(this.options.place.path));
    this.enter('leader');
  }

  private async follow(link: LeaderLink, signal: AbortSignal): Promise<LinkError> {
    const { logger, sink } = this.options;
    if (signal.aborted) {
      link.close();
    } else {
      logger.info?.(followingLeader(link.leader!));
      this.enter('follower');
    }
    const end = await link.run({
      onStatus: (status) => {
        this.failures = 0;
        sink.onStatus(status);
      },
      onEnvelope: (envelope) => sink.onEnvelope(envelope),
    });
    this.link = undefined;
    return end;
  }

  private beAlone(reason: string, signal: AbortSignal): number {
    if (signal.aborted) return 0;
    const { logger, random } = this.options;
    if (this.loggedReason === reason) logger.debug?.(followsAlone(reason));
    else logger.warn(followsAlone(reason));
    this.loggedReason = reason;
    this.enter('alone');
    return ALONE_MS + reconnectDelay(0, random);
  }

  /** @throws {UnusablePlaceError} the place cannot be used */
  private async elect(signal: AbortSignal): Promise<Outcome> {
    const { place } = this.options;
    let failure = '';
    let silences = 0;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      signal.throwIfAborted();
      const found = await place.find();
      if (found !== undefined) {
        const link = this.options.createLink();
        this.link = link;
        try {
          await link.open();
          return { link };
        } catch (error) {
          this.link = undefined;
          // The link was closed: that says nothing about the socket.
          signal.throwIfAborted();
          if (!(error instanceof LinkError)) throw error;
          failure = error.message;
          if (error.kind === 'silent') silences++;
          // A named pipe of a process that no longer answers cannot be replaced.
          if (error.kind === 'invalid' || silences > MAX_SILENCES) return { alone: failure };
          // Some platforms refuse a connection when too many are waiting: ask twice before the socket counts as orphaned.
          const again = error.kind === 'busy' || error.kind === 'ended' || attempt === 0;
          if (again && error.kind !== 'silent') {
            await delay(ATTEMPT_PAUSE_MS, signal);
            continue;
          }
          // Nobody is behind the socket, or a process that no longer answers.
          if (error.kind !== 'absent') await place.remove(found);
        }
      }
      signal.throwIfAborted();
      const leader = this.options.createServer();
      if (await leader.claim()) return { leader };
      // A named pipe cannot be claimed until the last follower of its former leader has left it.
      if (found !== undefined) await delay(ATTEMPT_PAUSE_MS, signal);
    }
    return { alone: failure };
  }

  private enter(role: MemberRole): void {
    if (this.role$.value !== role) this.role$.next(role);
  }
}
