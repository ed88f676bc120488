import 'reflect-metadata';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { INestApplication, WebSocketAdapter } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { Test } from '@nestjs/testing';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { io } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  type ContextFactory,
  enableQuonfigContext,
  QuonfigModule,
  QuonfigService,
} from '../../../lib/index.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { rulesByUser } from './support/rules-by-user.js';

interface User {
  readonly id: string;
}

/** A socket of socket.io, or of ws. */
interface Socket {
  readonly handshake?: { readonly query: { readonly user: string } };
  data?: { user?: User };
  user?: User;
}

const byClient: ContextFactory = (source) => {
  if (source.type !== 'ws') return undefined;
  const { user, data } = source.client as Socket;
  return { user: { key: (user ?? data?.user)?.id } };
};

/** What timers of connections and interrupted messages read. */
let read: string[];

@WebSocketGateway()
class UserGateway implements OnGatewayConnection {
  constructor(private readonly quonfig: QuonfigService) {}

  handleConnection(client: Socket, request: { url: string }): void {
    const before = this.owner();
    const ofSocketIo = client.handshake?.query.user;
    const id = ofSocketIo ?? new URL(request.url, 'http://localhost').searchParams.get('user')!;
    this.logIn(client, id);
    setTimeout(() => read.push(`${before} ${this.owner()}`), 5);
  }

  @SubscribeMessage('owner')
  async show() {
    await delay(Math.random() * 5);
    return { event: 'owner', data: this.owner() };
  }

  @SubscribeMessage('login')
  async login(@ConnectedSocket() client: Socket, @MessageBody() id: string) {
    const before = this.owner();
    await delay(1);
    this.logIn(client, id);
    return { event: 'login', data: [before, this.owner()] };
  }

  @SubscribeMessage('leave')
  async leave(@ConnectedSocket() client: { close?(): void; disconnect?(): void }) {
    if (client.close) client.close();
    else client.disconnect?.();
    await delay(20);
    read.push(this.owner());
  }

  private logIn(client: Socket, id: string): void {
    // The place that each library has for it.
    if (client.handshake) client.data!.user = { id };
    else client.user = { id };
  }

  private owner(): string {
    return this.quonfig.getString('owner');
  }
}

interface Client {
  /** Sends a message and returns the data of the response. */
  ask(event: string, data?: string): Promise<unknown>;
  send(event: string): void;
  close(): void;
}

async function socketIo(url: string, user: string): Promise<Client> {
  const socket = io(url, { query: { user }, transports: ['websocket'], forceNew: true });
  await once(socket as never, 'connect');
  return {
    ask: async (event, data = '') => {
      const answer = once(socket as never, event);
      socket.emit(event, data);
      return (await answer)[0] as unknown;
    },
    send: (event) => void socket.emit(event, ''),
    close: () => void socket.disconnect(),
  };
}

async function plain(url: string, user: string): Promise<Client> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/?user=${user}`);
  await once(socket, 'open');
  const send = (event: string, data = ''): void => socket.send(JSON.stringify({ event, data }));
  return {
    ask: async (event, data) => {
      const answer = once(socket, 'message');
      send(event, data);
      const [text] = (await answer) as [Buffer];
      return (JSON.parse(text.toString()) as { data: unknown }).data;
    },
    send,
    close: () => socket.close(),
  };
}

describe.each([
  ['socket.io', socketIo, (app: INestApplication): object => new IoAdapter(app)],
  ['ws', plain, (app: INestApplication): object => new WsAdapter(app)],
] as const)('gateway users with %s', (_, connect, adapter) => {
  let app: INestApplication;
  let anna: Client;
  let ben: Client;

  beforeEach(async () => {
    read = [];
    const module = await Test.createTestingModule({
      imports: [
        QuonfigModule.forRoot({
          datafile: rulesByUser(),
          logger: new RecordingLogger(),
          context: byClient,
        }),
      ],
      providers: [UserGateway],
    }).compile();
    app = module.createNestApplication({ logger: false });
    app.useWebSocketAdapter(adapter(app) as WebSocketAdapter);
    enableQuonfigContext(app);
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    anna = await connect(url, 'anna');
    ben = await connect(url, 'ben');
    await expect.poll(() => read).toHaveLength(2);
  });

  afterEach(async () => {
    anna.close();
    ben.close();
    await app.close();
  });

  it('a connection reads with a user from the moment handleConnection stores it on the client', () => {
    expect(read.toSorted()).toEqual(['nobody anna', 'nobody ben']);
  });

  it('messages read with the user of their client, even one who logs in later', async () => {
    expect(await Promise.all([anna.ask('owner'), ben.ask('owner')])).toEqual(['anna', 'ben']);
    expect(await anna.ask('login', 'job')).toEqual(['anna', 'job']);
    expect(await Promise.all([anna.ask('owner'), ben.ask('owner')])).toEqual(['job', 'ben']);
  });

  it('a message keeps the user of its client after the client has disconnected', async () => {
    read = [];
    anna.send('leave');
    ben.send('leave');
    await expect.poll(() => read.toSorted()).toEqual(['anna', 'ben']);
  });
});
