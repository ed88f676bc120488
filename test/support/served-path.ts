import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

/** A recorded request. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Complete for POST requests, empty otherwise. */
  readonly body: Buffer;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

/** Replaces the response of the server; `proceed` sends the normal one. */
export type Handler = (
  request: ReceivedRequest,
  response: ServerResponse,
  proceed: () => void,
) => void;

/** `hold` delays the response until it is released; `drop` closes the connection without a response. */
export type Script = Answer | Handler | 'hold' | 'drop';

/** One path of a server: its recorded requests and its scripted responses. */
export class ServedPath {
  readonly requests: ReceivedRequest[] = [];
  private next: Script[] = [];
  private always: Script | undefined;
  private held: (() => void)[] = [];

  /** Answers the next requests with these scripts, each once. They take precedence over `answerAlways`. */
  answerNext(...scripts: Script[]): void {
    this.next.push(...scripts);
  }

  answerAlways(script: Script): void {
    this.always = script;
  }

  /** Clears all scripts and serves the held requests. */
  answerNormally(): void {
    this.next = [];
    this.always = undefined;
    this.release();
  }

  /** Serves the held requests. */
  release(): void {
    for (const proceed of this.held.splice(0)) proceed();
  }

  /** Number of held requests. */
  get holding(): number {
    return this.held.length;
  }

  handle(request: ReceivedRequest, response: ServerResponse, proceed: () => void): void {
    this.requests.push(request);
    const script = this.next.shift() ?? this.always;
    if (script === undefined) proceed();
    else if (script === 'hold') this.held.push(proceed);
    else if (script === 'drop') response.destroy();
    else if (typeof script === 'function') script(request, response, proceed);
    else answer(response, script);
  }
}

export function answer(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
}
