import type { LoadedEnvelope } from '../../model/index.js';
import type { LeaderLinkSink } from '../../sources/cluster/leader-link.js';
import type { LeaderStatus } from '../../sources/cluster/leader-status.js';
import type { SourceLogger } from '../../sources/source-logger.js';
import type { ConfigStore } from '../../store/index.js';
import type { ConnectionState } from '../connection-state.js';
import type { EnvelopeIntake } from '../envelope-intake.js';
import { leaderRefused } from './cluster.messages.js';

export interface FollowedLeaderOptions {
  readonly store: ConfigStore;
  readonly intake: EnvelopeIntake;
  readonly logger: SourceLogger;
  /** Path of the leader's socket, for messages. */
  readonly path: string;
  /** The state may have changed. */
  readonly onChange: () => void;
}

/** What a follower receives from its leader: envelopes for the intake, and the state of the leader's source. */
export class FollowedLeader implements LeaderLinkSink {
  /** The last status of the leader that this process follows, or followed last. */
  private status: LeaderStatus | undefined;
  /** Whether the leader's envelope has arrived over the current link. */
  private caughtUp = false;

  constructor(private readonly options: FollowedLeaderOptions) {}

  /** Whether this process followed a leader whose stream was not refused. */
  get accepted(): boolean {
    return this.status?.refusal === null;
  }

  /** Nothing is known: a link begins, or this process no longer needs a leader. */
  begin(): void {
    this.status = undefined;
    this.caughtUp = false;
  }

  /** The link has ended. What the leader said last stays, until another one says something else. */
  end(): void {
    this.caughtUp = false;
  }

  get refused(): boolean {
    return (this.status?.refusal ?? null) !== null;
  }

  /** What refused the SDK key of the leader, if anything. */
  get refusedBy(): string | undefined {
    return this.status?.refusal?.host ?? this.status?.refusedBy ?? undefined;
  }

  get lastError(): string | undefined {
    return this.status?.lastError ?? undefined;
  }

  get connectionState(): ConnectionState {
    if (this.refused) return 'disconnected';
    if (this.options.store.current === undefined) return 'initializing';
    const state = this.caughtUp ? this.status?.state : undefined;
    return state === undefined || state === 'initializing' ? 'disconnected' : state;
  }

  onStatus(status: LeaderStatus): void {
    const { intake, logger, onChange } = this.options;
    const { lastError, refusal } = status;
    const { lastError: knownError, refused: knownRefusal } = this;
    this.status = status;
    if (lastError !== null && lastError !== knownError) intake.record.recordFailure(lastError);
    if (this.caughtUp) this.recordRefresh();
    if (refusal !== null && !knownRefusal) {
      logger.warn(leaderRefused(refusal.host, refusal.status));
      intake.terminalFailure$.next(refusal);
    }
    onChange();
  }

  async onEnvelope(envelope: LoadedEnvelope): Promise<void> {
    const { intake, path, onChange } = this.options;
    const refreshedAt = new Date(this.status?.refreshedAt ?? Date.now());
    await intake.received(envelope, { source: 'cluster', url: path, refreshedAt });
    this.caughtUp = true;
    onChange();
  }

  /** The leader has learned that the configs, which this process has too, are current. */
  private recordRefresh(): void {
    const { record } = this.options.intake;
    const { refreshedAt = null } = this.status ?? {};
    if (refreshedAt === null || refreshedAt <= (record.lastRefresh?.getTime() ?? 0)) return;
    record.recordConfirmed(new Date(refreshedAt));
  }
}
