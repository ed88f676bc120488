import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Closes connections over which nothing has been asked yet. Clients open some in advance, Node's `fetch` among them, and an HTTP
 * server that closes would wait for them for a minute.
 */
export class SilentConnections {
  private readonly sockets = new Set<Socket>();

  follow(server: Server): void {
    const opened = (socket: Socket): void => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    };
    // With TLS, requests come over the second socket.
    server.on('connection', opened).on('secureConnection', opened);
    server.on('request', ({ socket }) => this.sockets.delete(socket));
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}
