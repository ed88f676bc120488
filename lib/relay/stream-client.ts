import type { ServerResponse } from 'node:http';
import type { AcceptedKey } from './relay-keys.js';
import type { Publication } from './publication.js';

/** How long a client may take. */
export interface Patience {
  /** For the next byte of those that wait for it, in ms. */
  readonly stallMs: number;
  /** For one event, in ms. */
  readonly eventMs: number;
}

/**
 * One stream. At most one event waits to be sent, in bytes that all clients share: while it does, later publications are only
 * remembered, and the latest follows once the client has caught up.
 */
export class StreamClient {
  private sent: Publication | undefined;
  private sendingSince: number | undefined;

  /**
   * @param latest returns the current publication
   * @param onStall called when the client has stopped reading; its connection is gone then
   */
  constructor(
    readonly key: AcceptedKey,
    private readonly response: ServerResponse,
    private readonly latest: () => Publication | undefined,
    private readonly patience: Patience,
    private readonly onStall: () => void,
  ) {
    response.on('drain', () => {
      this.sendingSince = undefined;
      this.update();
    });
    // Node restarts this timeout with every byte that the client takes.
    response.setTimeout(patience.stallMs, () => {
      if (response.writableLength > 0) this.drop();
    });
  }

  /** Sends the current publication, unless it has been sent, or the one before it still waits. */
  update(): void {
    const publication = this.latest();
    if (publication === undefined || publication === this.sent) return;
    if (this.isBusy || this.isOver) return;
    this.sent = publication;
    let hasSpace = true;
    for (const piece of publication.event) hasSpace = this.response.write(piece);
    if (!hasSpace) this.sendingSince = performance.now();
  }

  /** Sends a comment. Drops a client that takes forever to read one event. */
  heartbeat(comment: Buffer): void {
    if (this.isBusy) {
      if (performance.now() - this.sendingSince! > this.patience.eventMs) this.drop();
    } else if (!this.isOver) {
      this.response.write(comment);
    }
  }

  /**
   * Ends the stream after what waits to be sent.
   *
   * @param retryMs when the client should reconnect
   */
  end(retryMs: number): void {
    if (!this.isOver) this.response.end(`retry: ${retryMs}\n\n`);
  }

  destroy(): void {
    this.response.destroy();
  }

  private get isBusy(): boolean {
    return this.sendingSince !== undefined;
  }

  private get isOver(): boolean {
    return this.response.writableEnded || this.response.destroyed;
  }

  private drop(): void {
    this.onStall();
    this.response.destroy();
  }
}
