import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

type Answer = (response: ServerResponse) => void;

/** A real server whose answers are written beforehand; the last one is repeated. */
export class StreamServer {
  readonly requests: { path: string; headers: IncomingHttpHeaders }[] = [];
  readonly responses: ServerResponse[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly answers: Answer[],
  ) {
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    server.on('request', (request, response) => {
      this.requests.push({ path: request.url ?? '', headers: request.headers });
      this.responses.push(response);
      const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
      answer?.(response);
    });
  }

  static async start(...answers: Answer[]): Promise<StreamServer> {
    const server = createServer();
    const made = new StreamServer(server, answers);
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return made;
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `http://${this.host}/api/v2/sse/config`;
  }

  get openSockets(): number {
    return this.sockets.size;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => {
      this.server.close(resolve);
    });
  }
}

/** Opens an event stream and writes to it, piece by piece. */
export function stream(...pieces: (string | Uint8Array)[]): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.flushHeaders();
    for (const piece of pieces) response.write(piece);
  };
}

/** The same, and ends it properly. */
export function endingStream(...pieces: string[]): Answer {
  return (response) => {
    stream(...pieces)(response);
    response.end();
  };
}

export function status(code: number, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(code, headers);
    response.end('a body that says why');
  };
}
