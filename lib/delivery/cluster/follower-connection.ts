import type { Socket } from 'node:net';
import type { SdkKey } from '../../requests/index.js';
import { Channel } from '../../sources/cluster/channel.js';
import { leaderSilent, peerInvalid } from '../../sources/cluster/cluster.messages.js';
import { jsonIn } from '../../sources/cluster/frames.js';
import {
  checkProof,
  HANDSHAKE_MS,
  helloIn,
  newHello,
  proofOf,
} from '../../sources/cluster/handshake.js';
import { LinkError } from '../../sources/cluster/link-error.js';

const MAX_HELLO_BYTES = 4_096;

export interface FollowerEvents {
  /** The follower knows the SDK key. `preferred`: it leads in preference to others. */
  readonly onReady: (preferred: boolean) => void;
  /** The follower asks to lift a refusal of the stream. */
  readonly onReconnect: () => void;
  readonly onEnd: () => void;
}

/**
 * A leader's connection to one follower. At most one envelope and one status wait for a slow follower: the newest ones. What
 * a follower sends can end its connection and nothing else.
 */
export class FollowerConnection {
  private readonly channel: Channel;
  private isReady = false;
  /** Since when the follower has not read what was sent, on the monotonic clock. */
  private congestedSince: number | undefined;
  private nextEnvelope: Buffer | undefined;
  private nextStatus: Buffer | undefined;
  private lastEnvelope: Buffer | undefined;

  constructor(
    socket: Socket,
    private readonly sdkKey: SdkKey,
    private readonly preferred: boolean,
  ) {
    // The connections of followers never keep the process alive.
    socket.unref();
    this.channel = new Channel(socket, {
      hello: MAX_HELLO_BYTES,
      proof: MAX_HELLO_BYTES,
      reconnect: 0,
    });
    socket.on('drain', () => this.sendNext());
  }

  /** Whether the handshake is complete. */
  get ready(): boolean {
    return this.isReady;
  }

  /** Serves the follower until its connection ends. Never rejects. */
  async run({ onReady, onReconnect, onEnd }: FollowerEvents): Promise<void> {
    const silent = new LinkError('silent', leaderSilent(HANDSHAKE_MS));
    const limit = setTimeout(() => this.channel.end(silent), HANDSHAKE_MS).unref();
    try {
      const preferred = await this.greet();
      clearTimeout(limit);
      this.isReady = true;
      onReady(preferred);
      for (;;) {
        const { type } = await this.channel.next();
        if (type !== 'reconnect') throw new LinkError('invalid', peerInvalid);
        onReconnect();
      }
    } catch {
      // The follower has gone, or is none.
    } finally {
      clearTimeout(limit);
      this.channel.socket.destroy();
      onEnd();
    }
  }

  sendStatus(frame: Buffer): void {
    if (this.congestedSince === undefined) this.send(frame);
    else this.nextStatus = frame;
  }

  /** Sends an envelope once. */
  sendEnvelope(frame: Buffer): void {
    if (this.lastEnvelope === frame) return;
    this.lastEnvelope = frame;
    if (this.congestedSince === undefined) this.send(frame);
    else this.nextEnvelope = frame;
  }

  /** Forgets the last envelope, which would otherwise stay in memory. */
  forgetEnvelope(): void {
    this.lastEnvelope = undefined;
  }

  /** Ends the connection if the follower has read nothing for this time. */
  endIfStuck(ms: number): void {
    const { congestedSince } = this;
    if (congestedSince !== undefined && performance.now() - congestedSince > ms) this.close();
  }

  close(): void {
    this.channel.socket.destroy();
  }

  /** Sends what is written already, then ends the connection. */
  end(): void {
    this.channel.socket.end();
  }

  private async greet(): Promise<boolean> {
    const follower = helloIn(jsonIn(await this.channel.next()));
    const own = newHello(this.preferred);
    const proof = proofOf('leader', own, follower, this.sdkKey);
    this.channel.sendJson('hello', { ...own, proof });
    const answer = jsonIn(await this.channel.next());
    checkProof(answer['proof'], proofOf('follower', own, follower, this.sdkKey));
    return follower.preferred;
  }

  private send(frame: Buffer): void {
    if (!this.channel.send(frame)) this.congestedSince = performance.now();
  }

  private sendNext(): void {
    this.congestedSince = undefined;
    const { nextStatus, nextEnvelope } = this;
    this.nextStatus = undefined;
    this.nextEnvelope = undefined;
    if (nextStatus !== undefined) this.sendStatus(nextStatus);
    if (nextEnvelope === undefined) return;
    if (this.congestedSince === undefined) this.send(nextEnvelope);
    else this.nextEnvelope = nextEnvelope;
  }
}
