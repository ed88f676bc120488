import 'reflect-metadata';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Controller, Get, Injectable, type INestApplication, Param } from '@nestjs/common';
import {
  type ClientProxy,
  ClientProxyFactory,
  MessagePattern,
  type MicroserviceOptions,
  Payload,
  Transport,
} from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { WsAdapter } from '@nestjs/platform-ws';
import { Test } from '@nestjs/testing';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  type ContextFactory,
  enableQuonfigContext,
  InjectQuonfig,
  QuonfigModule,
  QuonfigService,
} from '../../../lib/index.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { rulesByUser } from './support/rules-by-user.js';

interface Message {
  readonly id: number;
  readonly user: number;
}

/** Whose call it is, on each of the three transports. */
function userOf(source: Parameters<ContextFactory>[0]): number {
  if (source.type === 'http') return Number(source.request.params.user);
  return source.type === 'ws' || source.type === 'rpc' ? (source.data as Message).user : NaN;
}

@Injectable()
class Owners {
  constructor(
    private readonly main: QuonfigService,
    @InjectQuonfig('billing') private readonly billing: QuonfigService,
  ) {}

  /** What both instances read, three times with other calls in between. */
  async read(): Promise<string> {
    const owners: string[] = [];
    for (let time = 0; time < 3; time++) {
      owners.push(`${this.main.getString('owner')} ${this.billing.getString('owner')}`);
      await delay(Math.random() * 5);
    }
    return [...new Set(owners)].join();
  }
}

@Controller()
class CallsController {
  constructor(private readonly owners: Owners) {}

  @Get('owners/:user')
  async http(@Param('user') _user: string) {
    return { owners: await this.owners.read() };
  }

  @MessagePattern('owners')
  rpc(@Payload() _message: Message) {
    return this.owners.read();
  }
}

@WebSocketGateway()
class CallsGateway {
  constructor(private readonly owners: Owners) {}

  @SubscribeMessage('owners')
  async ws(@MessageBody() { id }: Message) {
    return { event: 'owners', data: { id, owners: await this.owners.read() } };
  }
}

/** An application on three transports, with a client on each. */
class Shop {
  private readonly answers = new Map<number, (owners: string) => void>();

  private constructor(
    private readonly app: INestApplication,
    private readonly url: string,
    private readonly tcp: ClientProxy,
    private readonly socket: WebSocket,
  ) {
    socket.on('message', (text: Buffer) => {
      const { data } = JSON.parse(text.toString()) as { data: { id: number; owners: string } };
      this.answers.get(data.id)?.(data.owners);
    });
  }

  static async open(main: ContextFactory, billing: ContextFactory): Promise<Shop> {
    const options = { datafile: rulesByUser(), logger: new RecordingLogger() };
    const module = await Test.createTestingModule({
      imports: [
        QuonfigModule.forRoot({ ...options, context: main }),
        QuonfigModule.forRoot({ ...options, name: 'billing', context: billing }),
      ],
      controllers: [CallsController],
      providers: [Owners, CallsGateway],
    }).compile();
    const app = module.createNestApplication(new FastifyAdapter() as never, { logger: false });
    enableQuonfigContext(app);
    app.useWebSocketAdapter(new WsAdapter(app));
    const server = app.connectMicroservice<MicroserviceOptions>({
      transport: Transport.TCP,
      options: { port: 0, host: '127.0.0.1' },
    });
    await app.startAllMicroservices();
    await app.listen(0, '127.0.0.1');
    const { port } = server.unwrap<{ address(): { port: number } }>().address();
    const tcp = ClientProxyFactory.create({ transport: Transport.TCP, options: { port } });
    await tcp.connect();
    const url = await app.getUrl();
    const socket = new WebSocket(url.replace('http', 'ws'));
    await once(socket, 'open');
    return new Shop(app, url, tcp, socket);
  }

  readonly calls = [
    async ({ user }: Message): Promise<string> => {
      const response = await fetch(`${this.url}/owners/${user}`);
      return ((await response.json()) as { owners: string }).owners;
    },
    (message: Message): Promise<string> => firstValueFrom(this.tcp.send('owners', message)),
    (message: Message): Promise<string> =>
      new Promise((resolve) => {
        this.answers.set(message.id, resolve);
        this.socket.send(JSON.stringify({ event: 'owners', data: message }));
      }),
  ];

  async close(): Promise<void> {
    this.socket.close();
    this.tcp.close();
    await this.app.close();
  }
}

describe('the option "context" in two hybrid applications of one process', () => {
  const open: Shop[] = [];

  afterEach(() => Promise.all(open.splice(0).map((shop) => shop.close())));

  it('1,000 interleaved calls over HTTP, TCP and ws each read two instances with their own contexts', async () => {
    const by = (key: (user: number) => number): ContextFactory => {
      return (source) => ({ user: { key: `u${key(userOf(source))}` } });
    };
    const later = (factory: ContextFactory): ContextFactory => {
      return async (source) => {
        await delay(Math.random() * 3);
        return factory(source);
      };
    };
    // The second application turns the users around, and has an async factory.
    open.push(
      await Shop.open(
        by((user) => user),
        by((user) => (user + 1) % 10),
      ),
      await Shop.open(
        by((user) => 9 - user),
        later(by((user) => (user + 2) % 10)),
      ),
    );
    const expected: string[] = [];
    const calls = Array.from({ length: 1_000 }, (_, id) => {
      const user = (id * 7) % 10;
      const [main, billing] = id % 2 ? [9 - user, (user + 2) % 10] : [user, (user + 1) % 10];
      expected.push(`u${main} u${billing}`);
      return open[id % 2]!.calls[id % 3]!({ id, user });
    });
    expect(await Promise.all(calls)).toEqual(expected);
  });
});
