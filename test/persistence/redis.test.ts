import KeyvRedis from '@keyv/redis';
import { describe, expect, it } from 'vitest';
import { envelopeOf } from '../support/delivery-server.js';
import { connectTo, proxyTo, serve, until } from '../support/networked.js';
import { hasRedis, RedisServer } from '../support/redis.js';
import { disconnectedLater, greetingSavedIn, saveTo, versions } from './support/keyvs.js';

function redisAdapter({ url }: RedisServer): object {
  const socket = { reconnectStrategy: 100, connectTimeout: 1_000 };
  return new KeyvRedis({ url, socket }, { throwOnConnectError: false });
}

describe.runIf(hasRedis).each(versions)(
  'a Redis as a store of Keyv %s',
  { timeout: 30_000 },
  (_, newKeyv) => {
    const keyvOn = (redis: RedisServer) => disconnectedLater(newKeyv(redisAdapter(redis)));

    it('a process starts from what another one saved in Redis', async () => {
      const redis = await RedisServer.start();
      await saveTo(keyvOn(redis));
      expect(await greetingSavedIn(keyvOn(redis))).toBe('saved');
    });

    it('of two processes with one Redis, the newer generation stays', async () => {
      const redis = await RedisServer.start();
      await saveTo(keyvOn(redis), 7, 'newer');
      const server = await serve({ envelope: envelopeOf({ generation: 6 }) });
      const { service } = await connectTo(server, { persistence: { store: keyvOn(redis) } });
      await service.close();
      expect(service.metrics().persistence).toEqual({ writes: 0, failedWrites: 0, failedReads: 0 });
      expect(await greetingSavedIn(keyvOn(redis))).toBe('newer');
    });

    it('a Redis server that is killed and restarted causes one warning and is used again', async () => {
      const redis = await RedisServer.start();
      const server = await serve({ envelope: envelopeOf({ values: { greeting: 'one' } }) });
      const { service, log } = await connectTo(server, { persistence: { store: keyvOn(redis) } });
      await until(() => expect(service.metrics().persistence!.writes).toBe(1));
      await redis.kill();
      server.publish(envelopeOf({ generation: 2, values: { greeting: 'two' } }));
      await until(() => expect(service.getString('greeting')).toBe('two'));
      await until(() => expect(service.metrics().persistence!.failedWrites).toBe(1));
      await redis.restart();
      server.publish(envelopeOf({ generation: 3, values: { greeting: 'three' } }));
      await until(() => expect(service.getString('greeting')).toBe('three'));
      await service.close();
      expect(log.lines('warn').filter((line) => line.includes('Saving configs'))).toHaveLength(1);
      expect(await greetingSavedIn(keyvOn(redis))).toBe('three');
    });

    it('a Redis server that takes more than a second for each call is still used', async () => {
      const redis = await RedisServer.start();
      const proxy = await proxyTo(redis);
      const slow = { url: proxy.url.replace('http:', 'redis:') } as RedisServer;
      const keyv = keyvOn(slow);
      // Connects before it becomes slow.
      await keyv.get('any');
      proxy.delay(700, 'both');
      const server = await serve({ envelope: envelopeOf({ values: { greeting: 'one' } }) });
      const { service, log } = await connectTo(server, { persistence: { store: keyv } });
      expect(service.getString('greeting')).toBe('one');
      server.publish(envelopeOf({ generation: 2, values: { greeting: 'two' } }));
      await until(() => expect(service.getString('greeting')).toBe('two'));
      await until(() => expect(service.metrics().persistence!.writes).toBe(1));
      await service.close();
      expect(log.lines('warn').filter((line) => line.includes('Redis'))).toEqual([]);
      expect(await greetingSavedIn(keyv)).toBe('two');
    });

    it('a full Redis server causes one warning and affects nothing else', async () => {
      const redis = await RedisServer.start('--maxmemory', '1', '--maxmemory-policy', 'noeviction');
      const server = await serve({ envelope: envelopeOf({ values: { greeting: 'live' } }) });
      const { service, log } = await connectTo(server, { persistence: { store: keyvOn(redis) } });
      await until(() => expect(service.metrics().persistence!.failedWrites).toBe(1));
      expect(service.getString('greeting')).toBe('live');
      expect(log.text).toMatch(/Saving configs to .* failed: OOM/);
    });

    it('a Redis server that is down delays neither startup nor shutdown', async () => {
      const redis = await RedisServer.start();
      await redis.kill();
      const server = await serve({ envelope: envelopeOf({ values: { greeting: 'live' } }) });
      const store = keyvOn(redis);
      const { service } = await connectTo(server, { persistence: { store, preferCache: true } });
      expect(service.getString('greeting')).toBe('live');
      await service.close();
    });

    it('a Redis server that no longer responds does not delay startup, reads or shutdown, and is used again once it responds', async () => {
      const redis = await RedisServer.start();
      const keyv = keyvOn(redis);
      await saveTo(keyv);
      redis.freeze();
      const server = await serve({
        envelope: envelopeOf({ generation: 6, values: { greeting: 'six' } }),
      });
      const persistence = { store: keyv, preferCache: true };
      const { service, log } = await connectTo(server, { persistence });
      expect(service.getString('greeting')).toBe('six');
      expect(log.text).toContain('the store did not respond within 2000 ms');
      await service.close();
      expect(service.metrics().persistence).toEqual({ writes: 0, failedWrites: 1, failedReads: 1 });
      redis.thaw();
      await saveTo(keyv, 7, 'seven');
      expect(await greetingSavedIn(keyvOn(redis))).toBe('seven');
    });
  },
);
