// Asks for offers over every transport, as the user that the command line names, and prints what each answers.
import { setTimeout as delay } from 'node:timers/promises';
import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { createClient } from 'graphql-ws';
import { firstValueFrom } from 'rxjs';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { host, ports } from './addresses.js';
import type { Offer } from './offer.js';

const user = process.argv[2] ?? 'anna';
const headers = { 'x-user': user };
const url = `http://${host}:${ports.http}`;

const tcp = ClientProxyFactory.create({
  transport: Transport.TCP,
  options: { host, port: ports.tcp },
});
const socket = io(`http://${host}:${ports.gateway}`, { auth: { user } });
const subscriptions = createClient({
  url: `ws://${host}:${ports.http}/graphql`,
  webSocketImpl: WebSocket,
  connectionParams: headers,
});

async function overHttp(path: string): Promise<Offer[]> {
  const response = await fetch(`${url}/${path}`, { headers });
  const body = await response.json();
  if (!response.ok) throw new Error(body.message);
  return body;
}

function overTcp(pattern: string): Promise<Offer[]> {
  return firstValueFrom(tcp.send<Offer[]>(pattern, { user }));
}

function overSocketIo(message: string): Promise<Offer[]> {
  return new Promise((resolve, reject) => {
    socket.once('exception', reject);
    socket.emit(message, {}, resolve);
  });
}

async function overGraphql(field: string, operation = 'query'): Promise<Offer[]> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ query: `${operation} { result: ${field} { title price } }` }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors[0].message);
  return data.result;
}

async function overSubscription(field: string): Promise<Offer[]> {
  const query = `subscription { result: ${field} { title price } }`;
  const events = subscriptions.iterate<{ result: Offer }>({ query });
  const first = events.next();
  // Nothing says when a subscription has begun, so announce an offer until it arrives.
  while ((await Promise.race([first, delay(100)])) === undefined) {
    await overGraphql('announce(title: "tea", euros: 5)', 'mutation');
  }
  const { value } = await first;
  await events.return?.(undefined);
  return [value.data.result];
}

async function text(offers: Promise<Offer[]>): Promise<string> {
  try {
    return (await offers).map(({ title, price }) => `${title} ${price}`).join(', ');
  } catch (error) {
    // A denied subscription is rejected with a list.
    return [error as Error].flat()[0].message;
  }
}

async function print(transport: string, ...answers: Promise<Offer[]>[]): Promise<void> {
  const [all, early] = await Promise.all(answers.map(text));
  console.log(`${transport.padEnd(13)} ${all}; early: ${early}`);
}

await print('HTTP', overHttp('offers'), overHttp('offers/early'));
await print('TCP', overTcp('offers'), overTcp('offers.early'));
await print('socket.io', overSocketIo('offers'), overSocketIo('offers.early'));
await print('GraphQL', overGraphql('offers'), overGraphql('earlyOffers'));
await print('Subscription', overSubscription('announced'), overSubscription('announcedEarly'));

await subscriptions.dispose();
socket.close();
tcp.close();
