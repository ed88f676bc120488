import { type ClientProxy, ClientProxyFactory, Transport } from '@nestjs/microservices';
import { createClient } from 'graphql-ws';
import { firstValueFrom } from 'rxjs';
import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';

export interface Offer {
  readonly title: string;
  readonly price: string;
}

/** Where sample/04-transports listens. */
export interface Addresses {
  readonly url: string;
  readonly tcpPort: number;
  readonly gatewayUrl: string;
}

/** The clients of one user, one per transport. A denied call is rejected with what the transport sent. */
export class TransportClients {
  readonly ofTheDay: Promise<Offer>;
  private readonly tcp: ClientProxy;
  private readonly socket: Socket;
  private readonly subscriptions: ReturnType<typeof createClient>;

  constructor(
    private readonly user: string,
    private readonly addresses: Addresses,
  ) {
    const { url, tcpPort: port, gatewayUrl } = addresses;
    this.tcp = ClientProxyFactory.create({ transport: Transport.TCP, options: { port } });
    this.socket = io(gatewayUrl, { auth: { user }, forceNew: true });
    this.ofTheDay = new Promise((resolve) => this.socket.once('offer-of-the-day', resolve));
    this.subscriptions = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { 'x-user': user },
    });
  }

  async http(path: string): Promise<Offer[]> {
    const headers = { 'x-user': this.user };
    const response = await fetch(`${this.addresses.url}${path}`, { headers });
    const body: unknown = await response.json();
    if (!response.ok) throw body;
    return body as Offer[];
  }

  rpc(pattern: string): Promise<Offer[]> {
    return firstValueFrom(this.tcp.send<Offer[]>(pattern, { user: this.user }));
  }

  ws(message: string): Promise<Offer[]> {
    return new Promise((resolve, reject) => {
      this.socket.once('exception', reject);
      this.socket.emit(message, {}, resolve);
    });
  }

  async graphql(field: string, operation = 'query'): Promise<Offer[]> {
    const response = await fetch(`${this.addresses.url}/graphql`, {
      method: 'POST',
      headers: { 'x-user': this.user, 'content-type': 'application/json' },
      body: JSON.stringify({ query: `${operation} { result: ${field} { title price } }` }),
    });
    const { data, errors } = (await response.json()) as {
      data: { result: Offer[] } | null;
      errors?: unknown[];
    };
    if (errors) throw errors[0];
    return data!.result;
  }

  /** The offers of a subscription, until the caller ends the iteration. */
  async *announced(field = 'announced'): AsyncGenerator<Offer> {
    const query = `subscription { result: ${field} { title price } }`;
    for await (const { data } of this.subscriptions.iterate<{ result: Offer }>({ query })) {
      yield data!.result;
    }
  }

  announce(title: string, euros: number): Promise<unknown> {
    return this.graphql(`announce(title: "${title}", euros: ${euros})`, 'mutation');
  }

  async close(): Promise<void> {
    await this.tcp.close();
    this.socket.close();
    await this.subscriptions.dispose();
  }
}
