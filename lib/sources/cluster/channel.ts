import type { Socket } from 'node:net';
import { leaderEnded } from './cluster.messages.js';
import { type Frame, type FrameLimits, FrameReader, type FrameType, jsonFrame } from './frames.js';
import { LinkError } from './link-error.js';

/** Frames over a connected socket. Reading is on request, so a receiver that is busy slows the sender down. */
export class Channel {
  /** Called for every chunk of bytes. */
  onHeard: () => void = () => undefined;
  private readonly frames: AsyncGenerator<Frame, void>;
  private failure: LinkError | undefined;

  constructor(
    readonly socket: Socket,
    limits: FrameLimits,
  ) {
    // Errors end the iteration, too.
    socket.on('error', () => undefined);
    this.frames = this.read(new FrameReader(limits));
  }

  /** Returns the next frame. @throws {LinkError} when the connection has ended */
  async next(): Promise<Frame> {
    let next: IteratorResult<Frame, void> | undefined;
    try {
      next = await this.frames.next();
    } catch (error) {
      if (error instanceof LinkError) this.failure ??= error;
    }
    if (next !== undefined && next.done !== true && this.failure === undefined) return next.value;
    this.socket.destroy();
    throw this.failure ?? new LinkError('ended', leaderEnded);
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

  private async *read(reader: FrameReader): AsyncGenerator<Frame, void> {
    for await (const chunk of this.socket) {
      this.onHeard();
      yield* reader.read(chunk as Buffer);
    }
  }
}
