import { type AddressInfo, createServer } from 'node:net';
import { Controller } from '@nestjs/common';
import { ClientProxyFactory, EventPattern, Payload, Transport } from '@nestjs/microservices';
import { createClient } from '@redis/client';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { QuonfigModule } from '../../lib/index.js';
import {
  QUONFIG_RELAY_HINT,
  QuonfigRelay,
  QuonfigRelayModule,
  type RelayRedisClient,
} from '../../lib/relay/index.js';
import { type DeliveryServer, envelopeOf } from '../support/delivery-server.js';
import { optionsFor, serve, until } from '../support/networked.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { hasRedis, RedisServer } from '../support/redis.js';
import { application, RELAY_KEY, type RelayApplication, relayOf } from './support/relays.js';

const HOUR = 3_600_000;

/** A relay that asks its source only at the start and on hints. */
const onlyByHints = { enableSSE: false, fallbackPollIntervalMs: HOUR };

const generationOf = ({ app }: RelayApplication): number =>
  app.get(QuonfigRelay).status().environments[0]!.generation;

const published = (generation: number) =>
  envelopeOf({ generation, values: { greeting: `hello ${generation}` } });

const served = (): Promise<DeliveryServer> => serve({ envelope: published(1) });

async function nodeRedis({ url }: { url: string }) {
  const client = createClient({ url });
  client.on('error', () => undefined);
  await client.connect();
  onTestFinished(() => client.destroy());
  return client;
}

/** Waits until so many relays receive hints. */
async function subscribed(redis: { url: string }, relays: number): Promise<void> {
  const client = await nodeRedis(redis);
  await until(async () => {
    const counts = await client.pubSubNumSub([QUONFIG_RELAY_HINT]);
    expect(Number(counts[QUONFIG_RELAY_HINT])).toBe(relays);
  });
}

function ioRedis({ url }: { url: string }): Promise<RelayRedisClient> {
  const client = new Redis(url);
  client.on('error', () => undefined);
  onTestFinished(() => client.disconnect());
  return Promise.resolve(client);
}

async function sendRaw(redis: { url: string }, ...messages: string[]): Promise<void> {
  const client = await nodeRedis(redis);
  for (const message of messages) await client.publish(QUONFIG_RELAY_HINT, message);
}

/** Two relays of one server: the first follows its stream, the second knows updates by hints only. */
async function twoRelays(
  server: DeliveryServer,
  redis: RedisServer,
  clientOf: (redis: RedisServer) => Promise<RelayRedisClient>,
): Promise<[RelayApplication, RelayApplication]> {
  const first = await relayOf(server, { hints: { redis: await clientOf(redis) } });
  const hints = { redis: await clientOf(redis) };
  const second = await relayOf(server, { hints }, onlyByHints);
  await subscribed(redis, 2);
  return [first, second];
}

describe.runIf(hasRedis).each([
  ['redis', nodeRedis],
  ['ioredis', ioRedis],
] as const)('hints over Redis with a client of %s', (_, clientOf) => {
  it('an update that one relay knows is fetched by the other at once', async () => {
    const redis = await RedisServer.start();
    const server = await served();
    const [first, second] = await twoRelays(server, redis, clientOf);
    for (const generation of [2, 3]) {
      server.publish(published(generation));
      await until(() => expect(generationOf(first)).toBe(generation));
      await until(() => expect(generationOf(second)).toBe(generation));
    }
  });

  it('if Redis goes down, relays keep serving, and hints work again once it is back', async () => {
    const redis = await RedisServer.start();
    const server = await served();
    const [first, second] = await twoRelays(server, redis, clientOf);
    server.publish(published(2));
    await until(() => expect(generationOf(second)).toBe(2));
    await redis.kill();
    server.publish(published(3));
    await until(() => expect(generationOf(first)).toBe(3));
    expect(generationOf(second)).toBe(2);
    await redis.restart();
    let generation = 3;
    await until(() => {
      server.publish(published(++generation));
      expect(generationOf(second)).toBeGreaterThan(3);
    });
  });

  it('a relay starts without Redis, and its shutdown does not wait for it', async () => {
    const redis = await RedisServer.start();
    const client = await clientOf(redis);
    await redis.kill();
    const server = await served();
    const relay = await relayOf(server, { hints: { redis: client } });
    server.publish(published(2));
    await until(() => expect(generationOf(relay)).toBe(2));
    await relay.app.close();
  });
});

describe.runIf(hasRedis)('foreign messages in the hint channel', () => {
  it('anything but a hint for a newer generation of this environment causes no request', async () => {
    const redis = await RedisServer.start();
    const server = await served();
    const hints = { redis: await nodeRedis(redis) };
    const relay = await relayOf(server, { hints }, onlyByHints);
    const { requests } = server.configs;
    const before = requests.length;
    await subscribed(redis, 1);
    await sendRaw(
      redis,
      'garbage',
      '{"__proto__":{"generation":9}}',
      'x'.repeat(1_000_000),
      '{"generation":9,"environment":"staging"}',
      '{"generation":1,"environment":"production"}',
    );
    // A hint at the end, so that all others have been received once it has an effect.
    server.publish(published(2));
    await sendRaw(redis, '{"generation":2,"environment":"production"}');
    await until(() => expect(generationOf(relay)).toBe(2));
    expect(requests.length - before).toBe(1);
  });

  it('a relay installs nothing that a hint contains: a hint only causes a request', async () => {
    const redis = await RedisServer.start();
    const server = await served();
    const relay = await relayOf(server, { hints: { redis: await nodeRedis(redis) } }, onlyByHints);
    const before = server.configs.requests.length;
    await subscribed(redis, 1);
    await sendRaw(
      redis,
      ...Array.from({ length: 200 }, (_, index) =>
        JSON.stringify({
          generation: Number.MAX_SAFE_INTEGER - index,
          environment: 'production',
          configs: [{ key: 'greeting', value: 'forged' }],
        }),
      ),
    );
    await until(() => expect(server.configs.requests.length).toBeGreaterThan(before));
    expect(generationOf(relay)).toBe(1);
    // Sending took less than a second, so there was one request, and at most one more is due.
    expect(server.configs.requests.length - before).toBeLessThanOrEqual(2);
    // A relay that was lied to still tells others of real updates.
    server.publish(published(2));
    await sendRaw(redis, '{"generation":2,"environment":"production"}');
    await until(() => expect(generationOf(relay)).toBe(2));
  });
});

@Controller()
class HintsController {
  constructor(private readonly relay: QuonfigRelay) {}

  @EventPattern(QUONFIG_RELAY_HINT)
  receive(@Payload() hint: unknown): void {
    this.relay.receiveHint(hint);
  }
}

describe('hints over Nest microservices', () => {
  async function freePort(): Promise<number> {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => void server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => void server.close(resolve));
    return port;
  }

  /** A relay that receives hints at a TCP port, and sends them to others. */
  async function relayAt(port: number, others: number[], server: DeliveryServer, own = {}) {
    const client = others.map((other) => {
      const options = { host: '127.0.0.1', port: other };
      const proxy = ClientProxyFactory.create({ transport: Transport.TCP, options });
      onTestFinished(() => void proxy.close());
      return proxy;
    });
    const imports = [
      QuonfigModule.forRoot(optionsFor(server, { logger: new RecordingLogger(), ...own })),
      QuonfigRelayModule.register({ keys: [RELAY_KEY], hints: { client } }),
    ];
    const controllers = [HintsController];
    const relay = await application({ imports, controllers }, 'express', (app) => {
      const options = { host: '127.0.0.1', port };
      app.connectMicroservice({ transport: Transport.TCP, options });
    });
    await relay.app.startAllMicroservices();
    return relay;
  }

  it('an update that one relay knows is fetched by all others at once', async () => {
    const server = await served();
    const [a, b, c] = [await freePort(), await freePort(), await freePort()];
    const first = await relayAt(a, [b, c], server);
    const second = await relayAt(b, [a, c], server, onlyByHints);
    const third = await relayAt(c, [a, b], server, onlyByHints);
    server.publish(published(2));
    await until(() => expect(generationOf(first)).toBe(2));
    await until(() => expect(generationOf(second)).toBe(2));
    await until(() => expect(generationOf(third)).toBe(2));
  });

  it('an unreachable relay does not delay the others', async () => {
    const server = await served();
    const [a, b, c] = [await freePort(), await freePort(), await freePort()];
    await relayAt(a, [b, c], server);
    const third = await relayAt(c, [a, b], server, onlyByHints);
    server.publish(published(2));
    await until(() => expect(generationOf(third)).toBe(2));
  });
});
