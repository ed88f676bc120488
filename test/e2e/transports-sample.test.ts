import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Page } from '../docs/page.js';
import { START_TIMEOUT_MS } from './quickstart-support.js';
import { printedBy, statedBy } from './readme-commands.js';
import { RunningSample } from './running-sample.js';
import { type Addresses, type Offer, TransportClients } from './transport-clients.js';

const README = 'sample/04-transports/README.md';

const offers = {
  anna: [
    { title: 'coffee', price: '44 NOK' },
    { title: 'bread', price: '33 NOK' },
    { title: 'honey', price: '66 NOK' },
  ],
  ben: [
    { title: 'coffee', price: '4 EUR' },
    { title: 'bread', price: '3 EUR' },
  ],
};
type User = keyof typeof offers;

/** How each transport lists offers, asks for early ones, and denies them. */
const transports: [
  name: string,
  list: (client: TransportClients) => Promise<Offer[]>,
  early: (client: TransportClients) => Promise<Offer[]>,
  denied: object,
][] = [
  [
    'HTTP',
    (client) => client.http('/offers'),
    (client) => client.http('/offers/early'),
    { statusCode: 404, message: 'Cannot GET /offers/early', error: 'Not Found' },
  ],
  [
    'TCP',
    (client) => client.rpc('offers'),
    (client) => client.rpc('offers.early'),
    { status: 'error', message: 'Not Found' },
  ],
  [
    'socket.io',
    (client) => client.ws('offers'),
    (client) => client.ws('offers.early'),
    { status: 'error', message: 'Not Found' },
  ],
  [
    'GraphQL',
    (client) => client.graphql('offers'),
    (client) => client.graphql('earlyOffers'),
    { message: 'Not Found', extensions: { code: 'NOT_FOUND' } },
  ],
];

describe('sample/04-transports', () => {
  let sample: RunningSample;
  let addresses: Addresses;
  let clients: Record<User, TransportClients>;

  beforeAll(async () => {
    const anyPort = { TCP_PORT: '0', GATEWAY_PORT: '0' };
    sample = await RunningSample.start('demo:transports', anyPort);
    const [, tcpPort] = await sample.printed(/TCP +127\.0\.0\.1:(\d+)\s/);
    const [, gatewayUrl] = await sample.printed(/socket\.io +(http:\/\/127\.0\.0\.1:\d+)\s/);
    addresses = { url: sample.url, tcpPort: Number(tcpPort), gatewayUrl: gatewayUrl! };
    clients = {
      anna: new TransportClients('anna', addresses),
      ben: new TransportClients('ben', addresses),
    };
  }, START_TIMEOUT_MS + 10_000);

  afterAll(async () => {
    await Promise.all(Object.values(clients ?? {}).map((client) => client.close()));
    await sample?.stop('SIGKILL');
  });

  it('the commands in the README print the output that it shows', async () => {
    const page = new Page(README);
    expect(statedBy(page).length).toBeGreaterThan(2);
    const env = {
      PORT: new URL(addresses.url).port,
      TCP_PORT: String(addresses.tcpPort),
      GATEWAY_PORT: new URL(addresses.gatewayUrl).port,
    };
    const printed = await printedBy(page, { 'http://127.0.0.1:3005': addresses.url }, env);
    expect(printed).toEqual(statedBy(page));
  }, 60_000);

  describe.each(transports)('over %s', (_name, list, early, denied) => {
    it('200 interleaved calls of two users each read with their own contexts', async () => {
      const users = Array.from({ length: 200 }, (_, index): User => (index % 3 ? 'anna' : 'ben'));
      const lists = await Promise.all(users.map((user) => list(clients[user])));
      expect(lists).toEqual(users.map((user) => offers[user]));
    });

    it('a flag lets one user through and denies the other', async () => {
      expect(await early(clients.anna)).toEqual([{ title: 'truffles', price: '220 NOK' }]);
      await expect(early(clients.ben)).rejects.toMatchObject(denied);
    });
  });

  it('a client that connects over socket.io is greeted with its own contexts', async () => {
    expect(await clients.anna.ofTheDay).toEqual(offers.anna[0]);
    expect(await clients.ben.ofTheDay).toEqual(offers.ben[0]);
  });

  it('each event of a subscription is resolved with the contexts of its subscriber', async () => {
    const anna = clients.anna.announced();
    const ben = clients.ben.announced();
    await announceUntil(Promise.all([anna.next(), ben.next()]), clients.ben);
    for (const euros of [1, 2, 3]) await clients.anna.announce('milk', euros);

    const milk = { anna: ['11 NOK', '22 NOK', '33 NOK'], ben: ['1 EUR', '2 EUR', '3 EUR'] };
    expect(await pricesOf('milk', 3, anna)).toEqual(milk.anna);
    expect(await pricesOf('milk', 3, ben)).toEqual(milk.ben);
  });

  it('a flag lets one user subscribe and denies the other', async () => {
    const anna = clients.anna.announced('announcedEarly');
    const { value } = await announceUntil(anna.next(), clients.ben);
    expect(value).toEqual({ title: 'tea', price: '55 NOK' });
    await anna.return(undefined);

    const ben = clients.ben.announced('announcedEarly').next();
    await expect(ben).rejects.toMatchObject([{ message: 'Not Found' }]);
  });

  it('the sample logs no warning and no error', () => {
    expect(sample.output).not.toMatch(/WARN|ERROR/);
  });
});

/** Announces tea until a subscription has received something: nothing else says that it has begun. */
async function announceUntil<T>(received: Promise<T>, client: TransportClients): Promise<T> {
  const isWaiting = (): Promise<boolean> =>
    Promise.race([received.then(() => false), delay(20, true)]);
  while (await isWaiting()) await client.announce('tea', 5);
  return received;
}

/** The prices of the next offers with a title; ends the subscription. */
async function pricesOf(
  title: string,
  count: number,
  announced: AsyncGenerator<Offer>,
): Promise<string[]> {
  const prices: string[] = [];
  for await (const offer of announced) {
    if (offer.title === title) prices.push(offer.price);
    if (prices.length === count) break;
  }
  return prices;
}
