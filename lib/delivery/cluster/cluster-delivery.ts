import type { Observable } from 'rxjs';
import { ClosedError } from '../../errors/index.js';
import type { Isolate } from '../../model/index.js';
import { withDeadline } from '../../requests/index.js';
import type { SourceLogger } from '../../sources/source-logger.js';
import type { StreamState } from '../../sources/stream/stream-state.js';
import type { ConnectionState } from '../connection-state.js';
import type {
  Delivery,
  DeliveryCounters,
  DeliveryMode,
  QuonfigRefresh,
  TerminalFailure,
} from '../delivery.js';
import { StateRelay } from '../state-relay.js';
import { ClusterLoad } from './cluster-load.js';
import { ClusterPeers, type ClusterPeersOptions } from './cluster-peers.js';
import { type ClusterRole, clusterRoleOf } from './cluster-role.js';
import { ClusterMember } from './cluster-member.js';
import { FollowedLeader } from './followed-leader.js';

const CLOSE_TIMEOUT_MS = 5_000;

export interface ClusterDeliveryOptions extends ClusterPeersOptions {
  readonly random: () => number;
  readonly logger: SourceLogger;
  readonly isolate: Isolate;
}

/**
 * Shares one network delivery among the processes on a machine: it runs in the process that leads, and the others follow
 * that process. Whoever does not follow another process uses its own.
 */
export class ClusterDelivery implements Delivery {
  readonly connectionState$: Observable<ConnectionState>;
  readonly refreshes$: Observable<QuonfigRefresh>;
  readonly streamState$: Observable<StreamState>;
  readonly terminalFailure$: Observable<TerminalFailure>;
  readonly counted$: Observable<void>;
  suspended = false;
  private readonly state = new StateRelay<ConnectionState>('initializing');
  private readonly member: ClusterMember;
  private readonly closed = new AbortController();
  private closing: Promise<void> | undefined;
  private loading: Promise<void> | undefined;
  private started = false;
  /** Whether a link keeps the process alive, once the delivery is started. */
  private holdsProcess = true;
  private readonly leader: FollowedLeader;
  private readonly firstLoad: ClusterLoad;

  constructor(private readonly options: ClusterDeliveryOptions) {
    const { network, intake, isolate, place, random, logger } = options;
    this.connectionState$ = isolate('connectionState$', this.state);
    this.refreshes$ = network.refreshes$;
    this.streamState$ = network.streamState$;
    this.terminalFailure$ = network.terminalFailure$;
    this.counted$ = network.counted$;
    this.leader = new FollowedLeader({
      ...options,
      path: place.path,
      onChange: () => this.updateState(),
    });
    const peers = new ClusterPeers(options);
    this.member = new ClusterMember({
      place,
      preferred: peers.preferred,
      random,
      logger,
      createLink: () => peers.createLink(),
      createServer: () => peers.createServer(),
      sink: this.leader,
      onLinkEnded: ({ message }) => intake.record.recordFailure(message),
    });
    this.firstLoad = new ClusterLoad({
      ...options,
      member: this.member,
      leader: this.leader,
      path: place.path,
      closed: this.closed.signal,
      usesNetwork: () => this.usesNetwork,
    });
    this.member.role$.subscribe((role) => {
      if (role === 'seeking') this.leader.end();
      else this.forgetLeader();
      this.applyRole();
    });
    const updateState = (): void => this.updateState();
    network.connectionState$.subscribe(updateState);
    intake.mayChangeState$.subscribe(updateState);
    intake.terminalFailure$.subscribe(updateState);
  }

  load(): Promise<void> {
    if (this.isClosed) return Promise.reject(new ClosedError());
    this.loading ??= this.loadOnce();
    return this.loading;
  }

  start(): void {
    if (this.started || this.isClosed) return;
    this.started = true;
    this.applyRole();
  }

  refresh(): Promise<void> {
    return this.options.network.refresh();
  }

  updateIfStalerThan(ms: number): Promise<void> | undefined {
    return this.options.network.updateIfStalerThan(ms);
  }

  suspend(): void {
    if (this.isClosed || this.suspended) return;
    this.suspended = true;
    void this.member.stop();
    this.options.network.suspend();
    this.updateState();
  }

  resume(): Promise<void> {
    this.unsuspend();
    return this.refresh();
  }

  reconnect(): Promise<void> {
    const { network } = this.options;
    const follows = this.member.role === 'follower';
    this.unsuspend();
    if (!follows && (network.terminalFailure || !network.suspended)) return network.reconnect();
    this.member.link?.requestReconnect();
    return this.refresh();
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  /** Lets the process end while it follows another one. */
  unref(): void {
    this.holdsProcess = false;
    this.member.link?.hold(false);
  }

  get role(): ClusterRole {
    return clusterRoleOf(this.member);
  }

  get mode(): DeliveryMode {
    return this.options.network.mode;
  }

  get connectionState(): ConnectionState {
    if (this.isClosed || this.suspended) return 'disconnected';
    return (this.usesNetwork ? this.options.network : this.leader).connectionState;
  }

  get terminalFailure(): boolean {
    const { terminalFailure } = this.options.network;
    return this.usesNetwork || this.suspended ? terminalFailure : this.leader.refused;
  }

  get lastSuccessfulRefresh(): Date | undefined {
    return this.options.network.lastSuccessfulRefresh;
  }

  get ageMs(): number | undefined {
    return this.options.network.ageMs;
  }

  get resolvedFrom(): 'primary' | 'secondary' | '' {
    return this.options.network.resolvedFrom;
  }

  get fallbackPollerActive(): boolean {
    return this.options.network.fallbackPollerActive;
  }

  get counters(): DeliveryCounters {
    return this.options.network.counters;
  }

  private get isClosed(): boolean {
    return this.closed.signal.aborted;
  }

  private get usesNetwork(): boolean {
    const { role } = this.member;
    return role === 'leader' || role === 'alone';
  }

  private async loadOnce(): Promise<void> {
    this.member.start();
    try {
      await this.firstLoad.run();
    } catch (error) {
      this.loading = undefined;
      throw error;
    }
  }

  private unsuspend(): void {
    if (!this.suspended || this.isClosed) return;
    this.suspended = false;
    this.member.start();
    this.updateState();
  }

  private forgetLeader(): void {
    const { network } = this.options;
    // The stream was refused when this process led before, and accepted from the leader after that.
    if (this.usesNetwork && network.terminalFailure && this.leader.accepted) {
      void network.reconnect();
    }
    this.leader.begin();
  }

  private applyRole(): void {
    const { network } = this.options;
    const { role, link } = this.member;
    if (this.usesNetwork) {
      network.unsuspend();
      if (this.started) network.start();
    } else if (role === 'follower') {
      network.suspend();
      link?.hold(this.started && this.holdsProcess);
    }
    this.updateState();
  }

  private async shutDown(): Promise<void> {
    this.closed.abort(new ClosedError());
    const stopped = this.member.stop();
    const networkClosed = this.options.network.close();
    this.updateState();
    this.state.complete();
    await withDeadline({ ms: CLOSE_TIMEOUT_MS }, async () =>
      Promise.all([stopped, networkClosed]),
    ).catch(() => undefined);
  }

  private updateState(): void {
    this.state.next(this.connectionState);
    if (this.member.role === 'leader') this.member.server?.sendStatus();
  }
}
