import type { ServerResponse } from 'node:http';

const MAX_STREAMS = 50;
/** A page that does not read, in bytes. It reloads everything when it connects again. */
const MAX_BUFFERED = 1_000_000;
/** Proxies close connections on which nothing happens, often after 30 or 60 seconds. */
const HEARTBEAT_MS = 20_000;

/** A response of Express, or of Fastify, which has the one of Node in `raw`. */
interface StreamingResponse {
  readonly raw?: ServerResponse;
  hijack?(): void;
}

/**
 * The event streams of open pages. They are written without Nest's `@Sse`, because interceptors of the application would
 * change the events.
 */
export class EventStreams {
  private readonly open = new Set<ServerResponse>();
  private heartbeat: NodeJS.Timeout | undefined;
  private closed = false;

  /** Whether another page can listen. */
  get hasRoom(): boolean {
    return !this.closed && this.open.size < MAX_STREAMS;
  }

  add(response: unknown, headers: Readonly<Record<string, string>>): void {
    const { raw } = response as StreamingResponse;
    (response as StreamingResponse).hijack?.();
    const stream = raw ?? (response as ServerResponse);
    stream.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    stream.write('retry: 2000\n\n');
    this.open.add(stream);
    stream.on('close', () => this.remove(stream));
    stream.on('error', () => this.remove(stream));
    this.heartbeat ??= setInterval(() => this.write(': still here\n\n'), HEARTBEAT_MS).unref();
  }

  send(event: string, data: unknown): void {
    if (this.open.size > 0) this.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Ends all streams: an open one would keep the server from closing. */
  close(): void {
    this.closed = true;
    clearInterval(this.heartbeat);
    for (const stream of this.open) stream.end();
    this.open.clear();
  }

  private write(text: string): void {
    for (const stream of this.open) {
      if (stream.writableLength > MAX_BUFFERED) stream.destroy();
      else stream.write(text);
    }
  }

  private remove(stream: ServerResponse): void {
    this.open.delete(stream);
    if (this.open.size > 0) return;
    clearInterval(this.heartbeat);
    this.heartbeat = undefined;
  }
}
