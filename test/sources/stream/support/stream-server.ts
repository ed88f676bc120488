import type { ServerResponse } from 'node:http';
import { DeliveryServer } from '../../../support/delivery-server.js';
import type { ReceivedRequest } from '../../../support/served-path.js';

type Answer = (response: ServerResponse) => void;

/** A delivery server with scripted responses for the stream. The last one is repeated. */
export class StreamServer {
  readonly responses: ServerResponse[] = [];

  private constructor(private readonly delivery: DeliveryServer) {}

  static async start(...answers: Answer[]): Promise<StreamServer> {
    const server = new StreamServer(await DeliveryServer.start());
    const handlers = answers.map((answer) => (_: ReceivedRequest, response: ServerResponse) => {
      server.responses.push(response);
      answer(response);
    });
    const served = server.delivery.stream;
    served.answerNext(...handlers.slice(0, -1));
    served.answerAlways(handlers.at(-1)!);
    return server;
  }

  get host(): string {
    return `127.0.0.1:${this.delivery.port}`;
  }

  get url(): string {
    return `${this.delivery.url}/api/v2/sse/config`;
  }

  get requests(): readonly ReceivedRequest[] {
    return this.delivery.stream.requests;
  }

  /** The number of responses that have not ended. */
  get openAnswers(): number {
    return this.responses.filter(({ closed }) => !closed).length;
  }

  close(): Promise<void> {
    return this.delivery.close();
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

/** Writes to an event stream and ends it cleanly. */
export function endingStream(...pieces: string[]): Answer {
  return (response) => {
    stream(...pieces)(response);
    response.end();
  };
}

export function status(code: number, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(code, headers);
    response.end('a body with the reason');
  };
}
