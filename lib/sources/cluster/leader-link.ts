import { createConnection, type Socket } from 'node:net';
import type { LoadedEnvelope, StoredConfig } from '../../model/index.js';
import { errorCode, MAX_TIMER_MS, type SdkKey } from '../../requests/index.js';
import { Channel } from './channel.js';
import { leaderEnded, leaderSilent, leaderUnreachable, peerInvalid } from './cluster.messages.js';
import { type Frame, frameOf, jsonIn } from './frames.js';
import { checkProof, helloIn, newHello, proofOf } from './handshake.js';
import { type LeaderStatus, leaderStatusIn } from './leader-status.js';
import { LinkError, type LinkErrorKind } from './link-error.js';
import type { PeerProcess } from './peer-process.js';
import { decodeEnvelope } from './shared-envelope.js';

const MAX_CONTROL_BYTES = 65_536;
/** How much longer than an envelope its frame can be, because of the index. */
const INDEX_FACTOR = 2;
/** Heartbeats that may be missing before a leader counts as silent, if they take longer. */
const MISSED_HEARTBEATS = 3;
const KINDS: Readonly<Record<string, LinkErrorKind>> = {
  ENOENT: 'absent',
  ECONNREFUSED: 'gone',
  EAGAIN: 'busy',
  // It ended before it accepted the connection.
  ECONNRESET: 'ended',
};

export interface LeaderLinkOptions {
  /** Path of the leader's socket. */
  readonly path: string;
  readonly sdkKey: SdkKey;
  /** Whether this process leads in preference to others. */
  readonly preferred: boolean;
  readonly maxEnvelopeBytes: number;
  /** How long the handshake may take, in ms. */
  readonly handshakeMs: number;
  /** How long the leader may be silent, in ms. */
  readonly silenceMs: number;
  /** Returns the current config of a key. Most configs arrive again. */
  readonly currentConfig: (key: string) => StoredConfig | undefined;
}

export interface LeaderLinkSink {
  onStatus(status: LeaderStatus): void;
  /** The next frame is read once the promise has settled. A rejection ends the link. */
  onEnvelope(envelope: LoadedEnvelope): Promise<void>;
}

/** A connection to the process that leads: the source of a follower. Not reusable. */
export class LeaderLink {
  /** The leading process; `undefined` before the handshake. */
  leader: PeerProcess | undefined;
  private readonly socket: Socket;
  private readonly channel: Channel;
  /** Ends the wait for a connection. A socket that waits for a busy named pipe emits `close` up to 30 s after its end. */
  private stopConnecting: (failure: LinkError) => void = () => undefined;
  private deadline: NodeJS.Timeout | undefined;
  private silenceMs: number;
  private heard = false;
  private waiting = false;

  constructor(private readonly options: LeaderLinkOptions) {
    this.silenceMs = options.silenceMs;
    this.socket = createConnection(options.path);
    this.channel = new Channel(this.socket, {
      hello: MAX_CONTROL_BYTES,
      status: MAX_CONTROL_BYTES,
      envelope: options.maxEnvelopeBytes * INDEX_FACTOR,
    });
    this.channel.onHeard = () => (this.heard = true);
  }

  /**
   * Connects, and checks that the leader knows the SDK key. Keeps the process alive meanwhile.
   *
   * @throws {LinkError}
   */
  async open(): Promise<void> {
    const { sdkKey, preferred, handshakeMs } = this.options;
    const silent = new LinkError('silent', leaderSilent(handshakeMs));
    const limit = setTimeout(() => this.end(silent), handshakeMs);
    try {
      await this.connected();
      const own = newHello(preferred);
      this.channel.sendJson('hello', own);
      const answer = jsonIn(await this.channel.next());
      const leader = helloIn(answer);
      checkProof(answer['proof'], proofOf('leader', leader, own, sdkKey));
      this.channel.sendJson('proof', { proof: proofOf('follower', leader, own, sdkKey) });
      this.leader = leader;
    } catch (error) {
      this.socket.destroy();
      throw error;
    } finally {
      clearTimeout(limit);
    }
  }

  /** Passes on what the leader sends until the link ends. Never rejects. */
  async run(sink: LeaderLinkSink): Promise<LinkError> {
    try {
      for (;;) {
        this.restartDeadline();
        const frame = await this.channel.next();
        // Processing an envelope must not count as silence of the leader.
        this.stopDeadline();
        await this.handle(frame, sink);
      }
    } catch (error) {
      return error instanceof LinkError ? error : new LinkError('invalid', peerInvalid);
    } finally {
      this.stopDeadline();
      this.socket.destroy();
    }
  }

  /** Asks the leader to lift a refusal of its stream. */
  requestReconnect(): void {
    this.channel.send(frameOf('reconnect'));
  }

  /** Whether the link keeps the process alive. */
  hold(holds: boolean): void {
    if (holds) this.socket.ref();
    else this.socket.unref();
  }

  close(): void {
    this.end(new LinkError('ended', leaderEnded));
  }

  private end(failure: LinkError): void {
    this.stopConnecting(failure);
    this.channel.end(failure);
  }

  private connected(): Promise<void> {
    const { socket } = this;
    return new Promise((resolve, reject) => {
      this.stopConnecting = reject;
      // It was closed before.
      if (socket.destroyed) reject(new LinkError('ended', leaderEnded));
      socket.once('connect', resolve);
      socket.once('error', (error) => {
        const code = errorCode(error);
        reject(new LinkError(KINDS[code] ?? 'invalid', leaderUnreachable(code)));
      });
      socket.once('close', () => reject(new LinkError('ended', leaderEnded)));
    });
  }

  private async handle(frame: Frame, sink: LeaderLinkSink): Promise<void> {
    if (frame.type === 'envelope') {
      await sink.onEnvelope(await decodeEnvelope(frame.content, this.options.currentConfig));
    } else if (frame.type === 'status') {
      const status = leaderStatusIn(jsonIn(frame));
      const { silenceMs } = this.options;
      this.silenceMs = Math.max(silenceMs, MISSED_HEARTBEATS * status.heartbeatMs);
      sink.onStatus(status);
    } else {
      throw new LinkError('invalid', peerInvalid);
    }
  }

  private restartDeadline(): void {
    this.waiting = true;
    this.heard = false;
    // After a freeze of this process, the timer fires before what has arrived meanwhile is read: look again after that.
    const check = (): void => void setImmediate(() => this.checkHeard());
    this.deadline = setTimeout(check, Math.min(this.silenceMs, MAX_TIMER_MS)).unref();
  }

  private stopDeadline(): void {
    this.waiting = false;
    clearTimeout(this.deadline);
  }

  private checkHeard(): void {
    if (!this.waiting) return;
    if (this.heard) this.restartDeadline();
    else this.channel.end(new LinkError('silent', leaderSilent(this.silenceMs)));
  }
}
