/**
 * An application per driver that prints, for 1,000 concurrent queries and two subscriptions over a WebSocket, the users who
 * read something other than their own greeting, and the types of the sources.
 */
export const graphqlProgram = `import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { ApolloDriver } from '@nestjs/apollo';
import { Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Field, GraphQLModule, ObjectType, Parent, Query, ResolveField, Resolver, Subscription } from '@nestjs/graphql';
import { MercuriusDriver } from '@nestjs/mercurius';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { createClient } from 'graphql-ws';
import { QuonfigModule, QuonfigService } from 'nestjs-quonfig';
import { WebSocket } from 'ws';

class Shop {}
Field(() => String)(Shop.prototype, 'name');
ObjectType()(Shop);

class ShopResolver {
  constructor(quonfig) {
    this.quonfig = quonfig;
  }
  async shop() {
    await delay(Math.random() * 5);
    return { name: this.read() };
  }
  async owner(shop) {
    await delay(Math.random() * 5);
    return this.read();
  }
  async *opened() {
    for (let event = 0; event < 2; event++) {
      await delay(2);
      yield { opened: { name: this.read() } };
    }
  }
  read() {
    return this.quonfig.getString('greeting');
  }
}
function decorate(name, decorator) {
  const { prototype } = ShopResolver;
  decorator(prototype, name, Object.getOwnPropertyDescriptor(prototype, name));
}
Inject(QuonfigService)(ShopResolver, undefined, 0);
decorate('shop', Query(() => Shop));
decorate('owner', ResolveField(() => String, { name: 'owner' }));
Parent()(ShopResolver.prototype, 'owner', 0);
decorate('opened', Subscription(() => Shop));
Resolver(() => Shop)(ShopResolver);

const types = new Set();
function context(source) {
  types.add(source.type);
  return { user: { key: source.request.headers['x-user'] } };
}

async function query(port, user) {
  const response = await fetch('http://127.0.0.1:' + port + '/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-user': user },
    body: JSON.stringify({ query: '{ shop { name owner } }' }),
  });
  const { data, errors } = await response.json();
  return errors ? [JSON.stringify(errors)] : Object.values(data.shop);
}

async function subscribe(port, user) {
  class UserSocket extends WebSocket {
    constructor(url, protocols) {
      super(url, protocols, { headers: { 'x-user': user } });
    }
  }
  const url = 'ws://127.0.0.1:' + port + '/graphql';
  const client = createClient({ url, webSocketImpl: UserSocket });
  const read = [];
  for await (const { data, errors } of client.iterate({ query: 'subscription { opened { name owner } }' })) {
    read.push(...(errors ? [JSON.stringify(errors)] : Object.values(data.opened)));
  }
  await client.dispose();
  return read;
}

const greetings = { anna: 'Hello Anna', bert: 'Hello' };
function verdict(users, answers, count) {
  const wrong = answers.filter(
    (read, index) => read.length !== count || read.some((text) => text !== greetings[users[index]]),
  );
  return wrong.length + ' of ' + answers.length + ' wrong' + (wrong.length ? ': ' + wrong[0] : '');
}

const drivers = {
  mercurius: [() => new FastifyAdapter(), { driver: MercuriusDriver, subscription: true }],
  apollo: [() => new ExpressAdapter(), { driver: ApolloDriver, subscriptions: { 'graphql-ws': true } }],
};
const files = { datadir: './workspace', environment: 'production' };

for (const [name, [adapter, options]] of Object.entries(drivers)) {
  for (const order of ['before', 'after']) {
    class AppModule {}
    const quonfig = QuonfigModule.forRoot({ ...files, context });
    const graphql = GraphQLModule.forRoot({ ...options, autoSchemaFile: true });
    const imports = order === 'before' ? [quonfig, graphql] : [graphql, quonfig];
    Module({ imports, providers: [ShopResolver] })(AppModule);
    const app = await NestFactory.create(AppModule, adapter(), { logger: ['error', 'warn'] });
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address();
    const users = Array.from({ length: 1_000 }, (_, index) => (index % 3 ? 'anna' : 'bert'));
    const queries = await Promise.all(users.map((user) => query(port, user)));
    const both = Object.keys(greetings);
    const queryTypes = [...types].join();
    types.clear();
    const events = await Promise.all(both.map((user) => subscribe(port, user)));
    console.log(name + ', Quonfig ' + order + ': ' + verdict(users, queries, 2) + ' over ' + queryTypes);
    console.log(name + ', Quonfig ' + order + ': ' + verdict(both, events, 4) + ' over a connection');
    if (!types.has('graphql')) console.log('no source of the type graphql');
    types.clear();
    await app.close();
  }
}
process.exit(0);
`;
