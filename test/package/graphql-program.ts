/**
 * An application per driver that prints, for 1,000 concurrent queries and two subscriptions over a WebSocket, the users who
 * read something other than their own greeting, and the types of the sources. Queries read in a guard, an interceptor, a
 * pipe, the resolver, a service after a delay, a timer, and a field.
 */
export const graphqlProgram = `import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { ApolloDriver } from '@nestjs/apollo';
import { Inject, Module, UseGuards, UseInterceptors } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Args, Context, Field, GraphQLModule, ObjectType, Parent, Query, ResolveField, Resolver, Subscription } from '@nestjs/graphql';
import { MercuriusDriver } from '@nestjs/mercurius';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { createClient } from 'graphql-ws';
import { QuonfigModule, QuonfigService } from 'nestjs-quonfig';
import { WebSocket } from 'ws';

class Shop {}
Field(() => String)(Shop.prototype, 'name');
Field(() => [String])(Shop.prototype, 'places');
ObjectType()(Shop);

class Places {
  constructor(quonfig) {
    this.quonfig = quonfig;
  }
  canActivate(execution) {
    execution.getArgByIndex(2).places = ['guard ' + this.read()];
    return true;
  }
  intercept(execution, next) {
    execution.getArgByIndex(2).places.push('interceptor ' + this.read());
    return next.handle();
  }
  transform(id) {
    return id + ' ' + this.read();
  }
  async later() {
    await delay(Math.random() * 5);
    return this.read();
  }
  timer() {
    return new Promise((resolve) => setTimeout(() => resolve(this.read()), 1));
  }
  read() {
    return this.quonfig.getString('greeting');
  }
}
Inject(QuonfigService)(Places, undefined, 0);

class ShopResolver {
  constructor(quonfig, places) {
    this.quonfig = quonfig;
    this.places = places;
  }
  async shop(id, { places }) {
    const name = this.read();
    const service = await this.places.later();
    const timer = await this.places.timer();
    return { name, places: [...places, id, 'service ' + service, 'timer ' + timer] };
  }
  async owner(shop) {
    await delay(Math.random() * 5);
    return this.read();
  }
  async *opened() {
    for (let event = 0; event < 2; event++) {
      await delay(2);
      yield { opened: { name: this.read(), places: [] } };
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
Inject(Places)(ShopResolver, undefined, 1);
decorate('shop', Query(() => Shop));
decorate('shop', UseGuards(Places));
decorate('shop', UseInterceptors(Places));
Reflect.defineMetadata('design:paramtypes', [String, Object], ShopResolver.prototype, 'shop');
Args('id', { type: () => String }, Places)(ShopResolver.prototype, 'shop', 0);
Context()(ShopResolver.prototype, 'shop', 1);
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
    body: JSON.stringify({ query: '{ shop(id: "pipe") { name owner places } }' }),
  });
  const { data, errors } = await response.json();
  if (errors) return [JSON.stringify(errors)];
  const places = ['guard', 'interceptor', 'pipe', 'service', 'timer'];
  const read = data.shop.places.map((text, index) => text.replace(places[index] + ' ', ''));
  return [data.shop.name, data.shop.owner, ...read];
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
    Module({ imports, providers: [ShopResolver, Places] })(AppModule);
    const app = await NestFactory.create(AppModule, adapter(), { logger: ['error', 'warn'] });
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address();
    const users = Array.from({ length: 1_000 }, (_, index) => (index % 3 ? 'anna' : 'bert'));
    const queries = await Promise.all(users.map((user) => query(port, user)));
    const both = Object.keys(greetings);
    const queryTypes = [...types].join();
    types.clear();
    const events = await Promise.all(both.map((user) => subscribe(port, user)));
    console.log(name + ', Quonfig ' + order + ': ' + verdict(users, queries, 7) + ' over ' + queryTypes);
    console.log(name + ', Quonfig ' + order + ': ' + verdict(both, events, 4) + ' over a connection');
    if (!types.has('graphql')) console.log('no source of the type graphql');
    types.clear();
    await app.close();
  }
}
process.exit(0);
`;
