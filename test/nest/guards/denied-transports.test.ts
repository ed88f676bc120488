import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import {
  Controller,
  type INestApplication,
  type INestMicroservice,
  type ModuleMetadata,
} from '@nestjs/common';
import { ExternalContextCreator } from '@nestjs/core';
import {
  type ClientProxy,
  ClientProxyFactory,
  MessagePattern,
  type MicroserviceOptions,
  Transport,
} from '@nestjs/microservices';
import { WsAdapter } from '@nestjs/platform-ws';
import { Test, type TestingModule } from '@nestjs/testing';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type ContextFactory, QuonfigModule, RequireFlag } from '../../../lib/index.js';
import { constant, envelope, flagWhen, when } from '../../support/configs.js';
import { nestMajor } from '../../support/nest-major.js';
import { RecordingLogger } from '../../support/recording-logger.js';

const FLAGS = envelope([
  constant('on', 'bool', true),
  constant('off', 'bool', false),
  flagWhen('for.anna', when('PROP_IS_ONE_OF', 'user.key', ['anna'])),
]);

/** No entry point runs for these transports here: the guard makes the contexts itself. */
const bySender: ContextFactory = (source) =>
  source.type === 'rpc' || source.type === 'ws' ? { user: { key: source.data.from } } : undefined;

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

function moduleWith(
  classes: Pick<ModuleMetadata, 'controllers' | 'providers'>,
  context: ContextFactory = bySender,
): Promise<TestingModule> {
  return Test.createTestingModule({
    imports: [QuonfigModule.forRoot({ datafile: FLAGS, logger: new RecordingLogger(), context })],
    ...classes,
  }).compile();
}

describe('@RequireFlag on a microservice', () => {
  @Controller()
  class Orders {
    @MessagePattern('on') @RequireFlag('on') on() {
      return 'reached';
    }
    @MessagePattern('off') @RequireFlag('off') off() {
      return 'reached';
    }
    @MessagePattern('forbidden') @RequireFlag('off', { status: 403 }) forbidden() {
      return 'reached';
    }
    @MessagePattern('anna') @RequireFlag('for.anna') anna() {
      return 'reached';
    }
  }

  async function client(context?: ContextFactory): Promise<ClientProxy> {
    const module = await moduleWith({ controllers: [Orders] }, context);
    const app: INestMicroservice = module.createNestMicroservice<MicroserviceOptions>({
      transport: Transport.TCP,
      options: { host: '127.0.0.1', port: 0 },
      logger: false,
    });
    await app.listen();
    closing.push(() => app.close());
    const server = app.unwrap<{ address(): AddressInfo }>();
    const options = { host: '127.0.0.1', port: server.address().port };
    const proxy = ClientProxyFactory.create({ transport: Transport.TCP, options });
    closing.push(() => proxy.close());
    return proxy;
  }

  function send(proxy: ClientProxy, pattern: string, from = 'x'): Promise<unknown> {
    return firstValueFrom(proxy.send<unknown>(pattern, { from }));
  }

  it('a denied message gets an RpcException error', async () => {
    const proxy = await client();
    expect(await send(proxy, 'on')).toBe('reached');
    await expect(send(proxy, 'off')).rejects.toEqual({ status: 'error', message: 'Not Found' });
    await expect(send(proxy, 'forbidden')).rejects.toEqual({
      status: 'error',
      message: 'Forbidden',
    });
  });

  it('the flag is evaluated with the contexts of the message', async () => {
    const proxy = await client();
    expect(await send(proxy, 'anna', 'anna')).toBe('reached');
    await expect(send(proxy, 'anna', 'ben')).rejects.toMatchObject({ message: 'Not Found' });
  });

  it('the guard waits for an async function that returns the contexts', async () => {
    const proxy = await client(async (source) => bySender(source));
    expect(await send(proxy, 'anna', 'anna')).toBe('reached');
    await expect(send(proxy, 'anna', 'ben')).rejects.toMatchObject({ message: 'Not Found' });
  });
});

// With ws, Nest 11 emits errors on the server's side of the socket only, and no client receives them.
describe.runIf(nestMajor >= 12)('@RequireFlag on a gateway', () => {
  @WebSocketGateway()
  class Board {
    @SubscribeMessage('on') @RequireFlag('on') on() {
      return { event: 'reached', data: 'on' };
    }
    @SubscribeMessage('off') @RequireFlag('off') off() {
      return { event: 'reached', data: 'off' };
    }
    @SubscribeMessage('anna') @RequireFlag('for.anna') anna() {
      return { event: 'reached', data: 'anna' };
    }
  }

  async function open(): Promise<WebSocket> {
    const app: INestApplication = (await moduleWith({ providers: [Board] })).createNestApplication({
      logger: false,
    });
    app.useWebSocketAdapter(new WsAdapter(app));
    await app.listen(0, '127.0.0.1');
    closing.push(() => app.close());
    const socket = new WebSocket((await app.getUrl()).replace('http', 'ws'));
    closing.push(() => socket.close());
    await new Promise((resolve) => socket.once('open', resolve));
    return socket;
  }

  function send(socket: WebSocket, event: string, from = 'x'): Promise<unknown> {
    const reply = new Promise<unknown>((resolve) =>
      socket.once('message', (text: Buffer) => resolve(JSON.parse(text.toString()))),
    );
    socket.send(JSON.stringify({ event, data: { from } }));
    return reply;
  }

  it('a denied message gets a WsException error', async () => {
    const socket = await open();
    expect(await send(socket, 'on')).toEqual({ event: 'reached', data: 'on' });
    expect(await send(socket, 'off')).toMatchObject({
      event: 'exception',
      data: { status: 'error', message: 'Not Found' },
    });
  });

  it('each message of a client is evaluated with its own contexts', async () => {
    const socket = await open();
    expect(await send(socket, 'anna', 'anna')).toMatchObject({ event: 'reached' });
    expect(await send(socket, 'anna', 'ben')).toMatchObject({ event: 'exception' });
    expect(await send(socket, 'anna', 'anna')).toMatchObject({ event: 'reached' });
  });
});

describe('@RequireFlag on a resolver', () => {
  class Cats {
    @RequireFlag('on') on() {
      return 'reached';
    }
    @RequireFlag('off') off() {
      return 'reached';
    }
    @RequireFlag('off', { status: 403 }) forbidden() {
      return 'reached';
    }
    @RequireFlag('for.anna') anna() {
      return 'reached';
    }
  }

  /** Calls a method the way that Nest's GraphQL module does. */
  async function resolve(method: keyof Cats, context: object = {}): Promise<unknown> {
    const byHeader: ContextFactory = (source) =>
      source.type === 'http' ? { user: { key: source.request.from } } : undefined;
    const module = await moduleWith({ providers: [Cats] }, byHeader);
    await module.init();
    closing.push(() => module.close());
    const cats = module.get(Cats);
    const resolver = module
      .get(ExternalContextCreator, { strict: false })
      .create(
        cats,
        cats[method],
        method,
        undefined,
        undefined,
        undefined,
        undefined,
        undefined,
        'graphql',
      );
    return resolver({}, {}, context, {}) as Promise<unknown>;
  }

  it('a denied field gets an error with a GraphQL error code', async () => {
    expect(await resolve('on')).toBe('reached');
    await expect(resolve('off')).rejects.toMatchObject({
      message: 'Not Found',
      extensions: { code: 'NOT_FOUND' },
    });
    await expect(resolve('forbidden')).rejects.toMatchObject({
      message: 'Forbidden',
      extensions: { code: 'FORBIDDEN' },
    });
  });

  it('the flag is evaluated with the contexts of the HTTP request behind the operation', async () => {
    expect(await resolve('anna', { req: { from: 'anna' } })).toBe('reached');
    await expect(resolve('anna', { req: { from: 'ben' } })).rejects.toMatchObject({
      message: 'Not Found',
    });
  });
});
