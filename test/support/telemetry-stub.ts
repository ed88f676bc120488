import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A status, with or without headers, or `hang` for no response. */
export type Answer = number | 'hang' | { status: number; headers: Record<string, string> };

export interface TelemetryRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly hash: string;
}

/** A telemetry server that plays the answers of its script in turn and repeats the last one. */
export class TelemetryStub {
  readonly requests: TelemetryRequest[] = [];
  private readonly hanging: ServerResponse[] = [];
  private script: Answer[] = [200];
  private readonly server: Server = createServer((request, response) => {
    void this.receive(request, response);
  });

  static async start(...script: Answer[]): Promise<TelemetryStub> {
    const stub = new TelemetryStub();
    stub.answers(...script);
    stub.server.listen(0, '127.0.0.1');
    await once(stub.server, 'listening');
    return stub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Hashes of the request bodies, in order of arrival. */
  get hashes(): string[] {
    return this.requests.map(({ hash }) => hash);
  }

  answers(...script: Answer[]): void {
    if (script.length > 0) this.script = script;
  }

  /** Answers all hanging requests. */
  release(status: number): void {
    for (const response of this.hanging.splice(0)) response.writeHead(status).end('{}');
  }

  /** Number of hanging requests. */
  get hangingRequests(): number {
    return this.hanging.filter((response) => !response.destroyed).length;
  }

  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const hash = createHash('sha256').update(body).digest('hex');
    const { method = '', url: path = '', headers } = request;
    this.requests.push({ method, path, headers, body: body.toString(), hash });
    const answer = this.script.length > 1 ? this.script.shift()! : this.script[0]!;
    if (answer === 'hang') this.hanging.push(response);
    else if (typeof answer === 'number') response.writeHead(answer).end('{}');
    else response.writeHead(answer.status, answer.headers).end('{}');
  }
}
