import 'reflect-metadata';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  type INestApplication,
  Scope,
  type Type,
  UseGuards,
  UseInterceptors,
  UsePipes,
  type WebSocketAdapter,
} from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { Test } from '@nestjs/testing';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { interval, map, take } from 'rxjs';
import { io } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import {
  type ContextFactory,
  type ContextSource,
  enableQuonfigContext,
  InjectQuonfig,
  QuonfigContext,
  QuonfigModule,
  QuonfigService,
} from '../../../lib/index.js';
import { nestMajor } from '../../support/nest-major.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import {
  allPlaces,
  byMessage,
  MessagePlaces,
  type OwnerMessage,
} from './support/message-places.js';
import { rulesByUser } from './support/rules-by-user.js';

type Message = OwnerMessage & { readonly id?: number };

const lifecycle: string[] = [];

@WebSocketGateway()
class OwnerGateway {
  constructor(
    private readonly places: MessagePlaces,
    private readonly context: QuonfigContext,
    @InjectQuonfig('billing') private readonly billing: QuonfigService,
  ) {}

  async handleConnection(): Promise<void> {
    const owner = this.places.owner();
    await delay(20);
    lifecycle.push(`connect ${owner} ${this.places.owner()}`);
  }

  handleDisconnect(): void {
    lifecycle.push(`disconnect ${this.places.owner()}`);
  }

  @SubscribeMessage('places')
  @UseGuards(MessagePlaces)
  @UseInterceptors(MessagePlaces)
  @UsePipes(MessagePlaces)
  async everything(@MessageBody() message: Message) {
    const read = await this.places.everything(message);
    return { event: 'places', data: { id: message.id, read } };
  }

  @SubscribeMessage('stream')
  stream(@MessageBody() { user }: Message) {
    return interval(2).pipe(
      take(3),
      map(() => ({ event: 'stream', data: { user, owner: this.places.owner() } })),
    );
  }

  @SubscribeMessage('owner')
  owner() {
    return { event: 'owner', data: this.places.owner() };
  }

  @SubscribeMessage('merge')
  async merge() {
    this.context.merge({ user: { key: 'merged' } });
    await delay(1);
    return { event: 'merge', data: [this.places.owner(), this.billing.getString('owner')] };
  }
}

@Injectable({ scope: Scope.REQUEST })
class Cart {
  constructor(private readonly quonfig: QuonfigService) {}

  owner(): string {
    return this.quonfig.getString('owner');
  }
}

/** Created for each client, because of what it depends on. */
@WebSocketGateway()
class CartGateway {
  constructor(@Inject(Cart) private readonly cart: Cart) {}

  @SubscribeMessage('cart')
  owner() {
    return { event: 'cart', data: this.cart.owner() };
  }
}

/** The contexts of a message are its sender's; those of a connection come from its URL. */
const bySender: ContextFactory = (source) =>
  source.type === 'ws' && source.data === undefined
    ? { user: { key: urlOf(source.client).searchParams.get('user') ?? undefined } }
    : byMessage(source);

/** Where a client connected to: socket.io has it in the client, `ws` in what the test's adapter adds. */
function urlOf(client: { handshake?: { url: string }; openedWith?: string }): URL {
  return new URL(client.handshake?.url ?? client.openedWith ?? '', 'http://localhost');
}

/** As applications extend it, to know who connects. */
class UrlWsAdapter extends WsAdapter {
  override bindClientConnect(server: never, callback: (...args: unknown[]) => void): void {
    super.bindClientConnect(server, (client: { openedWith: string }, request: { url: string }) => {
      client.openedWith = request.url;
      callback(client, request);
    });
  }
}

interface Client {
  emit(event: string, data: unknown): void;
  /** Data of the next events of this name. */
  received(event: string, count: number): Promise<unknown[]>;
  close(): Promise<void>;
}

async function socketIo(url: string, user: string): Promise<Client> {
  const socket = io(url, { query: { user }, transports: ['websocket'], forceNew: true });
  await once(socket as never, 'connect');
  const arrived = inbox();
  socket.onAny((event: string, data: unknown) => arrived.add(event, data));
  return {
    emit: (event, data) => void socket.emit(event, data),
    received: arrived.take,
    close: async () => void socket.disconnect(),
  };
}

async function plain(url: string, user: string): Promise<Client> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/?user=${user}`);
  await once(socket, 'open');
  const arrived = inbox();
  socket.on('message', (text: Buffer) => {
    const { event, data } = JSON.parse(text.toString()) as { event: string; data: unknown };
    arrived.add(event, data);
  });
  return {
    emit: (event, data) => socket.send(JSON.stringify({ event, data })),
    received: arrived.take,
    close: async () => socket.close(),
  };
}

function inbox() {
  const arrived = new Map<string, unknown[]>();
  return {
    add(event: string, data: unknown): void {
      arrived.set(event, [...(arrived.get(event) ?? []), data]);
    },
    take(this: void, event: string, count: number): Promise<unknown[]> {
      return vi.waitFor(
        () => {
          const data = arrived.get(event) ?? [];
          expect(data).toHaveLength(count);
          return data;
        },
        { timeout: 20_000 },
      );
    },
  };
}

let logger: RecordingLogger;
let app: INestApplication | undefined;
let url: string;
let clients: Client[];

interface Setup {
  readonly connect: (url: string, user: string) => Promise<Client>;
  readonly http: () => ExpressAdapter | FastifyAdapter;
  /** Enables the contexts and chooses the adapter, in this order or the other. */
  readonly prepare: (app: INestApplication) => void;
}

const setups: Record<string, Setup> = {
  'socket.io, the default adapter': {
    connect: socketIo,
    http: () => new ExpressAdapter(),
    prepare: (created) => enableQuonfigContext(created),
  },
  'socket.io on Fastify, the adapter set before': {
    connect: socketIo,
    http: () => new FastifyAdapter(),
    prepare: (created) => {
      created.useWebSocketAdapter(new IoAdapter(created));
      enableQuonfigContext(created);
    },
  },
  'ws, the adapter set after': {
    connect: plain,
    http: () => new ExpressAdapter(),
    prepare: (created) => {
      enableQuonfigContext(created);
      created.useWebSocketAdapter(new UrlWsAdapter(created) as WebSocketAdapter);
    },
  },
};

async function start(setup: Setup, context: ContextFactory = bySender): Promise<void> {
  const options = { datafile: rulesByUser(), logger };
  const gateways: Type[] = nestMajor >= 12 ? [OwnerGateway, CartGateway] : [OwnerGateway];
  const module = await Test.createTestingModule({
    imports: [
      QuonfigModule.forRoot({ ...options, context }),
      QuonfigModule.forRoot({ ...options, name: 'billing', context: () => payer }),
    ],
    providers: [MessagePlaces, Cart, ...gateways],
  }).compile();
  app = module.createNestApplication(setup.http() as ExpressAdapter, { logger: false });
  setup.prepare(app);
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
}

const payer = { user: { key: 'payer' } };

async function connect(setup: Setup, user = 'ben'): Promise<Client> {
  const client = await setup.connect(url, user);
  clients.push(client);
  return client;
}

beforeEach(() => {
  logger = new RecordingLogger();
  lifecycle.length = 0;
  clients = [];
});

afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await app?.close();
  app = undefined;
});

describe.each(Object.entries(setups))('the option "context" in gateways: %s', (_, setup) => {
  it('every read of a message uses its contexts: guard, interceptor, pipe, handler and timer', async () => {
    await start(setup);
    const client = await connect(setup);
    client.emit('places', { user: 'anna', id: 1 });
    expect(await client.received('places', 1)).toEqual([{ id: 1, read: placesOfGateway('anna') }]);
    expect(logger.problems).toEqual([]);
  });

  it('1,000 concurrent messages of ten clients each read with their own contexts', async () => {
    await start(setup);
    const sending = await Promise.all(Array.from({ length: 10 }, () => connect(setup)));
    for (let id = 0; id < 1_000; id++) {
      sending[id % 10]!.emit('places', { id, user: `u${(id * 7) % 10}`, delay: id % 7 });
    }
    const answers = await Promise.all(sending.map((client) => client.received('places', 100)));
    for (const answer of answers.flat() as { id: number; read: object }[]) {
      expect(answer.read).toEqual(placesOfGateway(`u${(answer.id * 7) % 10}`));
    }
  });

  it('handleConnection and handleDisconnect read with the contexts of the connection', async () => {
    await start(setup);
    const client = await connect(setup, 'anna');
    await vi.waitFor(() => expect(lifecycle).toEqual(['connect anna anna']));
    await client.close();
    await vi.waitFor(() => expect(lifecycle).toEqual(['connect anna anna', 'disconnect anna']));
  });

  it('an Observable that a handler returns reads with the contexts of its message', async () => {
    await start(setup);
    const client = await connect(setup);
    for (const user of ['anna', 'job']) client.emit('stream', { user });
    for (const data of await client.received('stream', 6)) {
      const { user, owner } = data as { user: string; owner: string };
      expect(owner).toBe(user);
    }
  });

  it('merge() lasts until the end of the message, and leaves other instances unchanged', async () => {
    await start(setup);
    const client = await connect(setup);
    client.emit('merge', { user: 'anna' });
    expect(await client.received('merge', 1)).toEqual([['merged', 'payer']]);
    client.emit('owner', { user: 'anna' });
    expect(await client.received('owner', 1)).toEqual(['anna']);
  });

  // Nest 11 has no request-scoped gateways.
  it.runIf(nestMajor >= 12)(
    'request-scoped providers read with the contexts of each message',
    async () => {
      await start(setup);
      const client = await connect(setup);
      for (const user of ['anna', 'job']) client.emit('cart', { user });
      expect(new Set(await client.received('cart', 2))).toEqual(new Set(['anna', 'job']));
    },
  );

  it('an async factory loses no message, and applies to a connection once it has settled', async () => {
    await start(setup, async (source) => {
      await delay(2);
      return bySender(source);
    });
    const client = await connect(setup, 'anna');
    client.emit('places', { user: 'job' });
    expect(await client.received('places', 1)).toEqual([{ read: placesOfGateway('job') }]);
    await vi.waitFor(() => expect(lifecycle).toEqual(['connect nobody anna']));
    await client.close();
    await vi.waitFor(() => expect(lifecycle).toContain('disconnect anna'));
    expect(logger.problems).toEqual([]);
  });

  it('the factory receives the client, the pattern and the payload', async () => {
    const sources: ContextSource[] = [];
    await start(setup, (source) => {
      sources.push(source);
      return bySender(source);
    });
    const client = await connect(setup);
    client.emit('owner', { user: 'anna' });
    await client.received('owner', 1);
    expect(sources.map((source) => ('pattern' in source ? source.pattern : source.type))).toEqual(
      expect.arrayContaining(['', 'owner']),
    );
    expect(sources.at(-1)).toMatchObject({ type: 'ws', pattern: 'owner', data: { user: 'anna' } });
  });
});

/** What an interceptor adds after the handler stands beside the event. */
function placesOfGateway(user: string): Record<string, string> {
  const { after: _, ...places } = allPlaces(user);
  return places;
}
