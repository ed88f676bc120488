import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Envelope } from 'nestjs-quonfig';

const HEARTBEAT_MS = 10_000;

/** A new value for a config's last rule, which applies when no other rule matches. */
export interface Change {
  key: string;
  value: unknown;
}

/** Delivers the configs of a JSON file: a stand-in for the real service, with one environment and one key. */
export class DeliveryServer {
  private envelope: Envelope;
  private keyIsValid = true;
  private port = 0;
  private readonly streams = new Set<ServerResponse>();
  private readonly server = createServer((request, response) => this.serve(request, response));

  constructor(
    private readonly file: string,
    private readonly sdkKey: string,
  ) {
    this.envelope = this.read();
    // Without heartbeats, clients treat a silent stream as dead and reconnect.
    setInterval(() => this.send(': heartbeat\n\n'), HEARTBEAT_MS).unref();
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Listens; after a stop, on the same port as before. */
  async start(port = this.port): Promise<void> {
    if (this.server.listening) return;
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Closes all connections and accepts no new ones. */
  async stop(): Promise<void> {
    if (!this.server.listening) return;
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  /** Applies a change, or reloads the file if there is none, and pushes the next generation to every stream. */
  publish(change?: Change): void {
    const generation = this.envelope.meta.generation! + 1;
    if (change === undefined) this.envelope = this.read();
    else this.apply(change);
    this.envelope.meta = { ...this.envelope.meta, generation, version: `v${generation}` };
    this.send(this.event());
  }

  /** Refuses the key from now on. */
  revoke(): void {
    this.keyIsValid = false;
    for (const stream of this.streams) stream.end();
  }

  /** Accepts the key again. */
  allow(): void {
    this.keyIsValid = true;
  }

  private serve({ method, url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const credentials = Buffer.from(`1:${this.sdkKey}`).toString('base64');
    if (!this.keyIsValid || headers.authorization !== `Basic ${credentials}`) {
      response.writeHead(401).end();
      return;
    }
    const route = `${method} ${url.split('?')[0]}`;
    if (route === 'GET /api/v2/configs') this.serveConfigs(headers['if-none-match'], response);
    else if (route === 'GET /api/v2/sse/config') this.serveStream(response);
    else if (route === 'POST /api/v1/telemetry/') response.writeHead(200).end();
    else response.writeHead(404).end();
  }

  private serveConfigs(knownTag: string | undefined, response: ServerResponse): void {
    const etag = `"${this.envelope.meta.version}"`;
    if (knownTag === etag) response.writeHead(304, { etag }).end();
    else {
      response.writeHead(200, { etag, 'content-type': 'application/json' });
      response.end(JSON.stringify(this.envelope));
    }
  }

  /** Sends the current configs, then again after every change. */
  private serveStream(response: ServerResponse): void {
    this.streams.add(response);
    response.on('close', () => this.streams.delete(response));
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    response.write(this.event());
  }

  private event(): string {
    return `id: ${this.envelope.meta.version}\ndata: ${JSON.stringify(this.envelope)}\n\n`;
  }

  private send(text: string): void {
    for (const stream of this.streams) stream.write(text);
  }

  private apply({ key, value }: Change): void {
    const config = this.envelope.configs.find((candidate) => candidate.key === key);
    const rule = config?.default?.rules?.at(-1);
    if (rule === undefined) throw new Error(`There is no config "${key}".`);
    rule.value = { ...rule.value, value };
  }

  private read(): Envelope {
    return JSON.parse(readFileSync(this.file, 'utf8')) as Envelope;
  }
}
