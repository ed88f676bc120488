import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import {
  Controller,
  type DynamicModule,
  Inject,
  Injectable,
  type INestApplication,
  type INestMicroservice,
  Module,
  Scope,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type ClientProxy,
  ClientProxyFactory,
  Ctx,
  EventPattern,
  MessagePattern,
  type MicroserviceOptions,
  Payload,
  TcpContext,
  Transport,
} from '@nestjs/microservices';
import { ExpressAdapter } from '@nestjs/platform-express';
import { firstValueFrom, interval, map, take, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type ContextFactory,
  type ContextSource,
  enableQuonfigContext,
  InjectQuonfig,
  QuonfigContext,
  QuonfigModule,
  QuonfigService,
} from '../../../lib/index.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import {
  allPlaces,
  byMessage,
  MessagePlaces,
  type OwnerMessage,
} from './support/message-places.js';
import { rulesByUser } from './support/rules-by-user.js';

const heard: string[] = [];

@Injectable({ scope: Scope.REQUEST })
class Cart {
  readonly createdFor: string;

  constructor(private readonly quonfig: QuonfigService) {
    this.createdFor = quonfig.getString('owner');
  }

  owners(): string[] {
    return [this.createdFor, this.quonfig.getString('owner')];
  }
}

@Controller()
class CartController {
  constructor(@Inject(Cart) private readonly cart: Cart) {}

  @MessagePattern('cart')
  owners(): string[] {
    return this.cart.owners();
  }

  @EventPattern('ordered')
  ordered(_message: unknown): void {
    heard.push(...this.cart.owners());
  }
}

@Controller()
class OwnerController {
  constructor(
    private readonly places: MessagePlaces,
    private readonly context: QuonfigContext,
    @InjectQuonfig('billing') private readonly billing: QuonfigService,
  ) {}

  @MessagePattern({ cmd: 'places' })
  @UseGuards(MessagePlaces)
  @UseInterceptors(MessagePlaces)
  @UsePipes(MessagePlaces)
  everything(@Payload() message: OwnerMessage) {
    return this.places.everything(message);
  }

  @MessagePattern('stream')
  stream() {
    return interval(2).pipe(
      take(3),
      map(() => this.places.owner()),
    );
  }

  @MessagePattern('merge')
  async merge() {
    this.context.merge({ user: { key: 'merged' } });
    await delay(1);
    return this.places.owner();
  }

  @MessagePattern('billing')
  both() {
    return [this.places.owner(), this.billing.getString('owner')];
  }

  @EventPattern('ordered')
  async ordered(@Ctx() _context: TcpContext) {
    heard.push(this.places.owner());
    await delay(1);
    heard.push(this.places.owner());
  }
}

@Controller()
class MailController {
  constructor(private readonly places: MessagePlaces) {}

  @EventPattern('ordered')
  ordered(_message: unknown): void {
    heard.push(this.places.owner());
  }
}

let logger: RecordingLogger;
let client: ClientProxy;
let running: INestMicroservice | INestApplication | undefined;

@Module({})
class RootModule {}

function rootOf(context: ContextFactory): DynamicModule {
  const options = { datafile: rulesByUser(), logger };
  return {
    module: RootModule,
    imports: [
      QuonfigModule.forRoot({ ...options, context }),
      QuonfigModule.forRoot({ ...options, name: 'billing', context: () => payer }),
    ],
    controllers: [CartController, OwnerController, MailController],
    providers: [MessagePlaces, Cart],
  };
}

const payer = { user: { key: 'payer' } };
const tcp = { transport: Transport.TCP, options: { port: 0, host: '127.0.0.1' } } as const;

const quiet = { logger: false, abortOnError: false } as const;

/** How an application can have a microservice. Applications of the factory are proxies, unlike those of a testing module. */
const applications = {
  'a microservice': async (root: DynamicModule) => {
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(root, {
      ...tcp,
      ...quiet,
    });
    enableQuonfigContext(app);
    await app.listen();
    return { app, server: app };
  },
  'a hybrid application, enabled before connectMicroservice': async (root: DynamicModule) => {
    const app = await NestFactory.create(root, new ExpressAdapter(), quiet);
    enableQuonfigContext(app);
    const server = app.connectMicroservice<MicroserviceOptions>(tcp);
    await app.startAllMicroservices();
    await app.init();
    return { app, server };
  },
  'a hybrid application, enabled after connectMicroservice': async (root: DynamicModule) => {
    const app = await NestFactory.create(root, new ExpressAdapter(), quiet);
    const server = app.connectMicroservice<MicroserviceOptions>(tcp, { inheritAppConfig: true });
    enableQuonfigContext(app);
    enableQuonfigContext(app);
    await app.startAllMicroservices();
    await app.init();
    return { app, server };
  },
  'a hybrid application with deferred initialization': async (root: DynamicModule) => {
    const app = await NestFactory.create(root, new ExpressAdapter(), quiet);
    enableQuonfigContext(app);
    const server = app.connectMicroservice<MicroserviceOptions>(tcp, {
      deferInitialization: true,
    });
    await app.init();
    await app.startAllMicroservices();
    return { app, server };
  },
};

async function start(
  context: ContextFactory = byMessage,
  create = applications['a microservice'] as (
    root: DynamicModule,
  ) => Promise<{ app: INestMicroservice | INestApplication; server: INestMicroservice }>,
): Promise<void> {
  const { app, server } = await create(rootOf(context));
  running = app;
  const { port } = server.unwrap<{ address(): { port: number } }>().address();
  client = ClientProxyFactory.create({ transport: Transport.TCP, options: { port } });
  await client.connect();
}

const send = (pattern: unknown, message: unknown): Promise<unknown> =>
  firstValueFrom(client.send(pattern, message));

beforeEach(() => {
  logger = new RecordingLogger();
  heard.length = 0;
});

afterEach(async () => {
  client?.close();
  await running?.close();
  running = undefined;
});

describe.each(Object.entries(applications))('the option "context" in %s', (_, create) => {
  it('every read of a message uses its contexts: guard, interceptor, pipe, handler and timer', async () => {
    await start(byMessage, create);
    expect(await send({ cmd: 'places' }, { user: 'anna' })).toEqual(allPlaces('anna'));
    expect(logger.problems).toEqual([]);
  });

  it('all handlers of an event read with its contexts', async () => {
    await start(byMessage, create);
    client.emit('ordered', { user: 'anna' });
    await vi.waitFor(() => expect(heard).toEqual(Array.from({ length: 5 }, () => 'anna')));
  });
});

describe('the option "context" for messages over TCP', () => {
  it('1,000 concurrent messages each read with their own contexts', async () => {
    await start();
    const users = Array.from({ length: 1_000 }, (_each, index) => `u${index % 10}`);
    const results = await Promise.all(
      users.map((user, index) => send({ cmd: 'places' }, { user, delay: index % 7 })),
    );
    expect(results).toEqual(users.map(allPlaces));
  });

  it('the factory receives the pattern, the payload and the context of the transport', async () => {
    const sources: ContextSource[] = [];
    await start((source) => {
      sources.push(source);
      return byMessage(source);
    });
    await send('cart', { user: 'anna' });
    sources.length = 0;
    await send('merge', { user: 'anna' });
    await send({ cmd: 'places' }, { user: 'anna' });
    const context = expect.any(TcpContext);
    expect(sources).toEqual([
      { type: 'rpc', pattern: 'merge', data: { user: 'anna' }, context },
      {
        type: 'rpc',
        pattern: '{"cmd":"places"}',
        data: expect.objectContaining({ user: 'anna' }),
        context,
      },
    ]);
  });

  it('an Observable that a handler returns reads with the contexts of its message', async () => {
    await start();
    const streams = ['anna', 'ben'].map((user) =>
      firstValueFrom(client.send('stream', { user }).pipe(toArray())),
    );
    expect(await Promise.all(streams)).toEqual([
      ['anna', 'anna', 'anna'],
      ['ben', 'ben', 'ben'],
    ]);
  });

  it('request-scoped providers are created and read with the contexts of their message', async () => {
    await start();
    expect(await send('cart', { user: 'anna' })).toEqual(['anna', 'anna']);
  });

  it('an async factory is awaited before guards', async () => {
    await start(async (source) => {
      await delay(2);
      return byMessage(source);
    });
    expect(await send({ cmd: 'places' }, { user: 'anna' })).toEqual(allPlaces('anna'));
  });

  it('merge() lasts until the end of the message', async () => {
    await start();
    expect(await send('merge', { user: 'anna' })).toBe('merged');
    expect(await send('cart', { user: 'anna' })).toEqual(['anna', 'anna']);
  });

  it('a named instance has its own factory', async () => {
    await start();
    expect(await send('billing', { user: 'anna' })).toEqual(['anna', 'payer']);
  });

  it('a factory that throws leaves the message without contexts and names the transport', async () => {
    await start(() => {
      throw new Error('no session');
    });
    expect(await send({ cmd: 'places' }, { user: 'anna' })).toEqual(allPlaces('nobody'));
    expect(logger.problems).toEqual([
      expect.stringMatching(/^warn The option "context" .*\(rpc\)/s),
    ]);
  });
});
