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
    // Everything has been read. The peer reads nothing more either, so what waits to be sent would wait for ever.
    socket.on('end', () => socket.destroy());
  }

  /** Returns the next frame; one call at a time. @throws {LinkError} when the connection has ended */
  async next(): Promise<Frame> {
    for (;;) {
      const frame = this.frames.shift();
      if (frame !== undefined) return frame;
      if (this.failure !== undefined) throw this.failure;
      if (this.readChunk()) continue;
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

  /** Ends the connection. `next()` rejects with this error, whatever has arrived. */
  end(failure: LinkError): void {
    this.frames.length = 0;
    this.fail(failure);
  }

  /** Reads what has arrived; returns whether there was anything. Frames before an invalid one count. */
  private readChunk(): boolean {
    const chunk = this.socket.read() as Buffer | null;
    if (chunk === null) return false;
    this.onHeard();
    try {
      for (const frame of this.reader.read(chunk)) this.frames.push(frame);
    } catch (error) {
      this.fail(error as LinkError);
    }
    return true;
  }

  private fail(failure: LinkError): void {
    this.failure ??= failure;
    this.socket.destroy();
  }
}
