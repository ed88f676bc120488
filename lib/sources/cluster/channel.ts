import type { Socket } from 'node:net';
import { leaderEnded } from './cluster.messages.js';
import { type Frame, type FrameLimits, FrameReader, type FrameType, jsonFrame } from './frames.js';
import { LinkError } from './link-error.js';

/** Frames over a connected socket. Reading is on request, so a receiver that is busy slows the sender down. */
export class Channel {
  /** Called for every chunk of bytes. */
  onHeard: () => void = () => undefined;
  private readonly reader: FrameReader;
  /** Frames that have been read. */
  private readonly frames: Frame[] = [];
  private failure: LinkError | undefined;
  /** What is wrong with the bytes behind the frames. */
  private broken: LinkError | undefined;
  private wake: () => void = () => undefined;

  constructor(
    readonly socket: Socket,
    limits: FrameLimits,
  ) {
    this.reader = new FrameReader(limits);
    // A failed socket is closed, too.
    socket.on('error', () => undefined);
    socket.on('readable', () => this.wake());
    socket.on('close', () => this.wake());
  }

  /** Returns the next frame. @throws {LinkError} when the connection has ended */
  async next(): Promise<Frame> {
    for (;;) {
      if (this.failure !== undefined) throw this.failure;
      const frame = this.frames.shift() ?? this.read();
      if (frame !== undefined) return frame;
      if (this.socket.destroyed) this.end(new LinkError('ended', leaderEnded));
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  /** Returns whether the socket took all bytes; otherwise wait for its event `drain`. */
  send(frame: Buffer): boolean {
    return this.socket.writable && this.socket.write(frame);
  }

  sendJson(type: FrameType, content: object): void {
    this.send(jsonFrame(type, content));
  }

  /** Ends the connection. A pending `next()` rejects with this error. */
  end(failure: LinkError): void {
    this.failure ??= failure;
    this.socket.destroy();
  }

  /** Reads what has arrived, as far as it is needed for a frame. */
  private read(): Frame | undefined {
    if (this.broken !== undefined) this.end(this.broken);
    let chunk = this.broken === undefined ? (this.socket.read() as Buffer | null) : null;
    while (chunk !== null) {
      this.onHeard();
      try {
        for (const frame of this.reader.read(chunk)) this.frames.push(frame);
      } catch (error) {
        // The frames before it are complete.
        this.broken = error as LinkError;
      }
      if (this.frames.length > 0) return this.frames.shift();
      if (this.broken !== undefined) this.end(this.broken);
      chunk = this.broken === undefined ? (this.socket.read() as Buffer | null) : null;
    }
    return undefined;
  }
}
