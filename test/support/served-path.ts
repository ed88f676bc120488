import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

/** A request as it came. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Complete for posts; empty otherwise. */
  readonly body: Buffer;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

/** Acts instead of the server; calls `proceed` for what the server itself would do. */
export type Handler = (
  request: ReceivedRequest,
  response: ServerResponse,
  proceed: () => void,
) => void;

/** `hold` takes the request and says nothing until it is released; `drop` ends the connection without an answer. */
export type Script = Answer | Handler | 'hold' | 'drop';

/** One of the paths that are served: what it was asked, and what it is told to answer. */
export class ServedPath {
  readonly requests: ReceivedRequest[] = [];
  private next: Script[] = [];
  private always: Script | undefined;
  private held: (() => void)[] = [];

  /** Answers the next requests like this, each script once; they come before `answerAlways`. */
  answerNext(...scripts: Script[]): void {
    this.next.push(...scripts);
  }

  answerAlways(script: Script): void {
    this.always = script;
  }

  /** Forgets all scripts, and serves the requests that were held. */
  answerNormally(): void {
    this.next = [];
    this.always = undefined;
    this.release();
  }

  /** Serves the requests that were held. */
  release(): void {
    for (const proceed of this.held.splice(0)) proceed();
  }

  /** How many requests are held. */
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
