import { createServer, type Socket } from 'node:net';
import type { Subscription } from 'rxjs';
import type { SdkKey } from '../../requests/index.js';
import { frameOf, jsonFrame } from '../../sources/cluster/frames.js';
import type { LeaderStatus } from '../../sources/cluster/leader-status.js';
import { encodeEnvelope } from '../../sources/cluster/shared-envelope.js';
import type { MeetingPlace, SocketIdentity } from '../../sources/cluster/socket-place.js';
import type { ConfigStore } from '../../store/index.js';
import { FollowerConnection } from './follower-connection.js';

export interface LeaderServerOptions {
  readonly place: MeetingPlace;
  readonly sdkKey: SdkKey;
  /** Whether this process leads in preference to others. */
  readonly preferred: boolean;
  readonly store: ConfigStore;
  /** Interval of the heartbeats, in ms. */
  readonly heartbeatMs: number;
  /** How long a follower may read nothing, in ms. */
  readonly deadlineMs: number;
  status(): LeaderStatus;
  /** A follower asks to lift a refusal of the stream. */
  onReconnect(): void;
}

/** Why a process no longer leads: one that is preferred wants to, another socket is in its place, or it was closed. */
export type LeadershipEnd = 'preferred' | 'replaced' | 'closed';

/** Sends the status and the envelopes of a leading process to its followers, each envelope once. */
export class LeaderServer {
  /** Resolves when this process no longer leads. */
  readonly ended: Promise<LeadershipEnd>;
  private readonly server = createServer((socket) => this.accept(socket));
  private readonly followers = new Set<FollowerConnection>();
  private identity: SocketIdentity | undefined;
  private heartbeats: NodeJS.Timeout | undefined;
  private installs: Subscription | undefined;
  /** The current envelope as a frame, while followers need it. */
  private current: { readonly install: number; readonly frame: Promise<Buffer> } | undefined;
  private end!: (why: LeadershipEnd) => void;
  private closed = false;

  constructor(private readonly options: LeaderServerOptions) {
    this.ended = new Promise((resolve) => (this.end = resolve));
  }

  /**
   * Leads, unless another process does.
   *
   * @throws {UnusablePlaceError} the place cannot be used
   */
  async claim(): Promise<boolean> {
    const { place, store, heartbeatMs } = this.options;
    // A follower may connect, and receive the current configs, before this process knows that it leads.
    const installs = store.updates$.subscribe(() => void this.publish());
    this.installs = installs;
    let leads = false;
    try {
      this.identity = await place.claim(this.server);
      if (this.identity === undefined) return false;
      // The place was claimed while the server was being closed.
      if (this.closed) await place.remove(this.identity);
      if (this.closed) return false;
      // Running out of file descriptors, for example: followers connect again.
      this.server.on('error', () => undefined);
      this.heartbeats = setInterval(() => void this.beat(), heartbeatMs).unref();
      leads = true;
      return true;
    } finally {
      if (!leads) installs.unsubscribe();
    }
  }

  /** Number of followers. */
  get size(): number {
    return this.ready().length;
  }

  /** Sends the status to all followers. */
  sendStatus(): void {
    const ready = this.ready();
    if (ready.length === 0) return;
    const frame = jsonFrame('status', this.options.status());
    for (const follower of ready) follower.sendStatus(frame);
  }

  /** Removes the socket and ends all connections. Never rejects. */
  async close(why: LeadershipEnd = 'closed'): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearInterval(this.heartbeats);
    this.installs?.unsubscribe();
    this.server.close();
    if (this.identity !== undefined) await this.options.place.remove(this.identity);
    for (const follower of this.followers) {
      if (why === 'closed') follower.close();
      else follower.end();
    }
    this.end(why);
  }

  private accept(socket: Socket): void {
    const { sdkKey, preferred } = this.options;
    const follower = new FollowerConnection(socket, sdkKey, preferred);
    this.followers.add(follower);
    void follower.run({
      onReady: (wantsToLead) => void this.welcome(follower, wantsToLead && !preferred),
      onReconnect: () => this.options.onReconnect(),
      onEnd: () => this.followers.delete(follower),
    });
  }

  private async welcome(follower: FollowerConnection, takesOver: boolean): Promise<void> {
    follower.sendStatus(jsonFrame('status', this.options.status()));
    await this.sendEnvelope([follower]);
    if (takesOver) await this.close('preferred');
  }

  private async publish(): Promise<void> {
    this.sendStatus();
    if (this.ready().length > 0) await this.sendEnvelope(undefined);
  }

  /** @param to default: all followers */
  private async sendEnvelope(to: readonly FollowerConnection[] | undefined): Promise<void> {
    const { store } = this.options;
    const install = store.installCount;
    if (install === 0) return;
    if (this.current?.install !== install) this.current = { install, frame: this.encode() };
    const frame = await this.current.frame;
    // A newer envelope has been sent to all followers, or will be.
    if (store.installCount !== install) return;
    for (const follower of to ?? this.ready()) follower.sendEnvelope(frame);
  }

  private async encode(): Promise<Buffer> {
    const snapshot = this.options.store.current!;
    const { environment, generation } = snapshot;
    const meta = { ...snapshot.meta, environment, generation };
    return frameOf('envelope', [await encodeEnvelope(snapshot.storedConfigs(), meta)]);
  }

  private async beat(): Promise<void> {
    const { place, deadlineMs } = this.options;
    const found = await place.find().catch(() => undefined);
    if (this.closed) return;
    if (found !== this.identity) {
      await this.close('replaced');
      return;
    }
    this.sendStatus();
    this.current = undefined;
    for (const follower of this.followers) {
      follower.forgetEnvelope();
      follower.endIfStuck(deadlineMs);
    }
  }

  private ready(): FollowerConnection[] {
    return [...this.followers].filter((follower) => follower.ready);
  }
}
