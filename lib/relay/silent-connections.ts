import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** How long a connection may be silent that is opened while the server closes, in ms. */
const LATE_MS = 500;

/**
 * Closes connections over which nothing has been asked yet. Clients open some in advance, Node's `fetch` among them, and an HTTP
 * server that closes would wait for them for a minute.
 */
export class SilentConnections {
  private readonly sockets = new Set<Socket>();
  private closing = false;

  follow(server: Server): void {
    const opened = (socket: Socket): void => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      if (this.closing) setTimeout(() => closeIfSilent(socket), LATE_MS);
    };
    // With TLS, the second socket counts what has been decrypted.
    server.on('connection', opened).on('secureConnection', opened);
  }

  /** Call it before the server closes. */
  close(): void {
    this.closing = true;
    for (const socket of this.sockets) closeIfSilent(socket);
  }
}

function closeIfSilent(socket: Socket): void {
  if (socket.bytesRead === 0) socket.destroy();
}
