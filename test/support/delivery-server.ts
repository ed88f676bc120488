import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config, Envelope } from '../../lib/model/index.js';
import { answer, type ReceivedRequest, ServedPath } from './served-path.js';

/** The key that is valid from the start, for the environment `production`. */
export const SDK_KEY = 'qf_sk_test_0123456789';

/** An event stream that a client follows. */
interface OpenStream {
  readonly key: string;
  readonly response: ServerResponse;
}

export interface DeliveryServerOptions {
  /** The first envelope. Default: generation 1 without configs. */
  envelope?: Envelope;
  /** Interval of the comments on every stream, in ms. Default: only when `heartbeat()` is called. */
  heartbeatMs?: number;
  /** Default: a free one. */
  port?: number;
}

/** A delivery server on the loopback interface. */
export class DeliveryServer {
  readonly configs = new ServedPath();
  readonly stream = new ServedPath();
  readonly telemetry = new ServedPath();
  /** Number of streams opened since the start. */
  streamsOpened = 0;
  port = 0;

  private readonly server: Server;
  private readonly environments = new Map([[SDK_KEY, 'production']]);
  private readonly envelopes = new Map<string, Envelope>();
  private readonly streams = new Set<OpenStream>();
  private readonly heartbeats: NodeJS.Timeout | undefined;

  private constructor({ envelope = envelopeOf(), heartbeatMs }: DeliveryServerOptions) {
    this.publish(envelope);
    this.server = createServer((request, response) => void this.receive(request, response));
    // Keep idle connections open, so tests notice a client that leaks them.
    this.server.keepAliveTimeout = 60_000;
    if (heartbeatMs !== undefined) {
      this.heartbeats = setInterval(() => this.heartbeat(), heartbeatMs).unref();
    }
  }

  static async start(options: DeliveryServerOptions = {}): Promise<DeliveryServer> {
    const delivery = new DeliveryServer(options);
    delivery.server.listen(options.port ?? 0, '127.0.0.1');
    await once(delivery.server, 'listening');
    delivery.port = (delivery.server.address() as AddressInfo).port;
    return delivery;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Number of open streams. */
  get openStreams(): number {
    return this.streams.size;
  }

  /** Number of open connections of any kind. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
  }

  /** Makes an envelope the current one of its environment, and pushes it to the streams of that environment. */
  publish(envelope: Envelope): void {
    const environment = envelope.meta.environment ?? 'production';
    this.envelopes.set(environment, envelope);
    const event = eventOf(envelope);
    for (const { key, response } of this.streams) {
      if (this.environments.get(key) === environment) response.write(event);
    }
  }

  /** Makes a key valid for an environment. */
  allow(key: string, environment: string): void {
    this.environments.set(key, environment);
  }

  /** Rejects a key from now on and ends its streams. */
  revoke(key: string = SDK_KEY): void {
    this.environments.delete(key);
    for (const stream of this.streams) if (stream.key === key) stream.response.end();
  }

  /** Sends a comment to every stream. */
  heartbeat(): void {
    this.writeToStreams(': heartbeat\n\n');
  }

  /** Sends anything to every stream. */
  writeToStreams(content: string | Uint8Array): void {
    for (const { response } of this.streams) response.write(content);
  }

  /** Sends anything to every stream in separate writes of a few bytes each. */
  async writeInPieces(content: string | Uint8Array, bytes: number): Promise<void> {
    const whole = Buffer.from(content);
    for (let from = 0; from < whole.length; from += bytes) {
      this.writeToStreams(whole.subarray(from, from + bytes));
      await new Promise((resolve) => void setTimeout(resolve, 1));
    }
  }

  /** Ends every stream normally. */
  endStreams(): void {
    for (const { response } of this.streams) response.end();
  }

  /** Drops every stream without ending it. */
  dropStreams(): void {
    for (const { response } of this.streams) response.destroy();
  }

  /** Closes every connection. Idempotent. */
  async close(): Promise<void> {
    clearInterval(this.heartbeats);
    if (!this.server.listening) return;
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async receive(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = message;
    const body = method === 'POST' ? await bodyOf(message) : Buffer.alloc(0);
    if (body === undefined) return;
    const request: ReceivedRequest = { method, url, headers, body };
    const route = `${method} ${url.replace(/\?.*$/, '')}`;
    if (route === 'GET /api/v2/configs') {
      this.configs.handle(request, response, () => this.serveConfigs(request, response));
    } else if (route === 'GET /api/v2/sse/config') {
      this.stream.handle(request, response, () => this.serveStream(request, response));
    } else if (route === 'POST /api/v1/telemetry/') {
      this.telemetry.handle(request, response, () => this.serveTelemetry(request, response));
    } else {
      answer(response, { status: 404, body: '{"error":"not found"}' });
    }
  }

  private serveConfigs(request: ReceivedRequest, response: ServerResponse): void {
    const envelope = this.envelopeFor(request, response);
    if (envelope === undefined) return;
    const body = JSON.stringify(envelope);
    const etag = etagOf(body);
    const unchanged = request.headers['if-none-match'] === etag;
    answer(
      response,
      unchanged ? { status: 304, headers: { etag } } : { status: 200, headers: { etag }, body },
    );
  }

  private serveStream(request: ReceivedRequest, response: ServerResponse): void {
    const envelope = this.envelopeFor(request, response);
    if (envelope === undefined || response.destroyed) return;
    const stream: OpenStream = { key: keyOf(request)!, response };
    this.streamsOpened++;
    this.streams.add(stream);
    response.on('close', () => this.streams.delete(stream));
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    response.write(eventOf(envelope));
  }

  private serveTelemetry(request: ReceivedRequest, response: ServerResponse): void {
    if (this.envelopeFor(request, response) !== undefined)
      answer(response, { status: 200, body: '{}' });
  }

  /** Answers 401 and returns `undefined` when the key is unknown. */
  private envelopeFor(request: ReceivedRequest, response: ServerResponse): Envelope | undefined {
    const environment = this.environments.get(keyOf(request) ?? '');
    if (environment === undefined) {
      answer(response, { status: 401, body: '{"error":"unauthorized"}' });
      return undefined;
    }
    return this.envelopes.get(environment) ?? envelopeOf({ environment });
  }
}

export type Values = Record<string, string | number | boolean>;

export interface EnvelopeContent {
  generation?: number;
  version?: string;
  environment?: string;
  /** Values by key, the same in every context. */
  values?: Values;
  configs?: Config[];
}

/** An envelope of configs without targeting. */
export function envelopeOf({
  generation = 1,
  version = `v${generation}`,
  environment = 'production',
  values = {},
  configs = [],
}: EnvelopeContent = {}): Envelope {
  const constants = Object.entries(values).map(([key, value]) => constantConfig(key, value));
  return { meta: { version, environment, generation }, configs: [...constants, ...configs] };
}

const VALUE_TYPES = { string: 'string', number: 'int', boolean: 'bool' } as const;

function constantConfig(key: string, value: string | number | boolean): Config {
  const type = VALUE_TYPES[typeof value as keyof typeof VALUE_TYPES];
  return {
    key,
    type: type === 'bool' ? 'feature_flag' : 'config',
    valueType: type,
    default: { rules: [{ value: { type, value } }] },
  };
}

/** The ETag of a body. */
export function etagOf(body: string): string {
  return `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`;
}

/** An envelope as a stream event. */
export function eventOf(envelope: Envelope): string {
  return `id: ${envelope.meta.version}\ndata: ${JSON.stringify(envelope)}\n\n`;
}

function keyOf({ headers }: ReceivedRequest): string | undefined {
  const [scheme, credentials = ''] = (headers.authorization ?? '').split(' ');
  if (scheme !== 'Basic') return undefined;
  const [user, key] = Buffer.from(credentials, 'base64').toString().split(':');
  return user === '1' ? key : undefined;
}

/** The body, or `undefined` if the client disconnected before it was complete. */
async function bodyOf(message: IncomingMessage): Promise<Buffer | undefined> {
  try {
    return Buffer.concat((await message.toArray()) as Buffer[]);
  } catch {
    return undefined;
  }
}
