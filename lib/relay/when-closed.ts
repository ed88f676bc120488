import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What waits for the end of each connection: one listener per connection, however many requests it carries. */
const waiting = new WeakMap<Socket, Set<() => void>>();

/**
 * Calls back once when a response has ended or its connection is gone.
 *
 * The event `close` of the response is not enough: Node never emits it for pipelined requests that wait for an earlier response
 * when their connection ends, nor again for a connection that ended before.
 */
export function whenClosed(response: ServerResponse, callback: () => void): void {
  const { socket, httpVersionMajor } = response.req;
  if (response.destroyed || socket.destroyed) {
    callback();
    return;
  }
  // Each request of HTTP/2 is a stream of its own, which always closes.
  if (httpVersionMajor !== 1) {
    response.once('close', callback);
    return;
  }
  const callbacks = callbacksOf(socket);
  const closed = (): void => {
    if (callbacks.delete(closed)) callback();
  };
  callbacks.add(closed);
  response.once('close', closed);
}

function callbacksOf(socket: Socket): Set<() => void> {
  const known = waiting.get(socket);
  if (known !== undefined) return known;
  const callbacks = new Set<() => void>();
  waiting.set(socket, callbacks);
  socket.once('close', () => {
    for (const callback of callbacks) callback();
  });
  return callbacks;
}
