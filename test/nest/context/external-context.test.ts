import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, UseGuards } from '@nestjs/common';
import { ExternalContextCreator } from '@nestjs/core';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ContextFactory,
  type ContextSource,
  QuonfigModule,
  QuonfigService,
} from '../../../lib/index.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { rulesByUser } from './support/rules-by-user.js';

const read: string[] = [];
const sources: ContextSource[] = [];

@Injectable()
class Reader {
  constructor(private readonly quonfig: QuonfigService) {}

  canActivate(): boolean {
    read.push(this.owner());
    return true;
  }

  owner(): string {
    return this.quonfig.getString('owner');
  }
}

@Injectable()
class Handlers {
  constructor(private readonly reader: Reader) {}

  @UseGuards(Reader)
  async handle(): Promise<void> {
    await delay(1);
    read.push(this.reader.owner());
  }

  async *events(): AsyncGenerator<string> {
    for (let event = 0; event < 2; event++) {
      await delay(1);
      yield this.reader.owner();
    }
  }
}

const context: ContextFactory = (source) => {
  sources.push(source);
  if (source.type === 'other') return { user: { key: source.args[0] as string } };
  return { user: { key: 'request' in source ? source.request?.user?.id : undefined } };
};

let module: TestingModule;

/** Creates a handler as libraries do that have transports of their own. */
function handlerOf(method: 'handle' | 'events', type: string): (...args: unknown[]) => unknown {
  const handlers = module.get(Handlers);
  const creator = module.get(ExternalContextCreator, { strict: false });
  return creator.create(
    handlers,
    handlers[method] as () => unknown,
    method,
    undefined,
    undefined,
    undefined,
    undefined,
    { guards: true, filters: true, interceptors: true },
    type,
  );
}

beforeEach(async () => {
  read.length = 0;
  module = await Test.createTestingModule({
    imports: [
      QuonfigModule.forRoot({ datafile: rulesByUser(), logger: new RecordingLogger(), context }),
    ],
    providers: [Reader, Handlers],
  }).compile();
  await module.init();
  // The first call finds out whether the function is async.
  await handlerOf('handle', 'rmq')('anna');
  read.length = 0;
  sources.length = 0;
});

afterEach(() => module.close());

const anna = { user: { id: 'anna' } };

describe('GraphQL handlers and handlers on transports that Nest does not know', () => {
  it('a handler of an unknown transport and its guard read with contexts from its arguments', async () => {
    await handlerOf('handle', 'rmq')('anna', 'second');
    expect(read).toEqual(['anna', 'anna']);
    expect(sources).toEqual([{ type: 'other', transport: 'rmq', args: ['anna', 'second'] }]);
  });

  const reply = { request: anna, send: (): void => undefined };
  it.each([
    ['of Apollo on Express', { req: anna, res: reply }],
    ['of Apollo and Yoga without a response', { req: { ...anna, res: reply } }],
    ['of Mercurius', { reply }],
  ])('a resolver %s reads with the contexts of its HTTP request', async (_, graphql) => {
    await handlerOf('handle', 'graphql')({}, {}, graphql, {});
    expect(read).toEqual(['anna', 'anna']);
    expect(sources).toEqual([
      { type: 'http', request: expect.objectContaining(anna), response: reply },
    ]);
  });

  it.each([
    ['of Apollo', { req: { subscriptions: {}, extra: { request: anna } } }],
    ['of Mercurius', { reply: { request: anna } }],
    ['of Yoga', { request: anna }],
  ])(
    'a resolver %s over a WebSocket reads with the contexts of the request that opened it',
    async (_, graphql) => {
      await handlerOf('handle', 'graphql')({}, {}, graphql, {});
      expect(read).toEqual(['anna', 'anna']);
      expect(sources).toEqual([{ type: 'graphql', request: anna, context: graphql }]);
    },
  );

  it('an async iterator that a resolver returns reads with the contexts of its call', async () => {
    const owners = ['anna', 'ben'].map(async (id) => {
      const events = handlerOf('events', 'graphql')({}, {}, { request: { user: { id } } }, {});
      const owner: string[] = [];
      for await (const event of (await events) as AsyncIterable<string>) owner.push(event);
      return owner;
    });
    expect(await Promise.all(owners)).toEqual([
      ['anna', 'anna'],
      ['ben', 'ben'],
    ]);
  });
});
