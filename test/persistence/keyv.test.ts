import { KeyvPostgres } from '@keyv/postgres';
import KeyvRedis from '@keyv/redis';
import { Keyv as Keyv5 } from 'keyv';
import { Keyv as Keyv6 } from 'keyv-6';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { PersistenceStore } from '../../lib/index.js';
import { envelopeOf } from '../support/delivery-server.js';
import { connectTo, serve, until } from '../support/networked.js';
import { hasPostgres, PostgresServer } from '../support/postgres.js';
import { hasRedis, RedisServer } from '../support/redis.js';

const NOWHERE = { url: 'http://127.0.0.1:9' };
const QUICK = { initTimeout: 300, configFetchHedgeAbortMs: 200, configFetchHedgeDelayMs: 100 };

type AnyKeyv = PersistenceStore & { disconnect(): Promise<unknown> };

/** Creates a Keyv with an adapter; in memory without one. */
type NewKeyv = (adapter?: object) => AnyKeyv;

const versions: [string, NewKeyv][] = [
  ['5', (adapter) => new Keyv5(adapter as never)],
  ['6', (adapter) => new Keyv6(adapter)],
];

function disconnectedLater(keyv: AnyKeyv): AnyKeyv {
  onTestFinished(() => void keyv.disconnect().catch(() => undefined));
  return keyv;
}

function redisAdapter({ url }: RedisServer): object {
  const socket = { reconnectStrategy: 100, connectTimeout: 1_000 };
  return new KeyvRedis({ url, socket }, { throwOnConnectError: false });
}

async function saveTo(store: PersistenceStore, generation = 5, greeting = 'saved'): Promise<void> {
  const server = await serve({ envelope: envelopeOf({ generation, values: { greeting } }) });
  const { service } = await connectTo(server, { persistence: { store } });
  await service.close();
  expect(service.metrics().persistence!.writes).toBe(1);
  await server.close();
}

/** The greeting of a process that starts while the delivery service is unreachable. */
async function greetingSavedIn(store: PersistenceStore): Promise<unknown> {
  const { service } = await connectTo(NOWHERE, { ...QUICK, persistence: { store } });
  expect(service.health().source).toBe('persistence');
  return service.getString('greeting');
}

describe.each(versions)('a Keyv %s as a store', (_, newKeyv) => {
  it('a process starts from what another one saved in the same Keyv', async () => {
    const keyv = newKeyv();
    await saveTo(keyv);
    expect(await greetingSavedIn(keyv)).toBe('saved');
  });

  it('what is saved expires after maxAge', async () => {
    const keyv = newKeyv();
    const server = await serve();
    const { service } = await connectTo(server, { persistence: { store: keyv, maxAge: 60_000 } });
    const get = vi.spyOn(keyv, 'get');
    await service.close();
    const [key] = get.mock.calls[0]!;
    expect(await keyv.get(key)).toEqual(expect.any(String));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
    onTestFinished(() => void vi.useRealTimers());
    expect(await keyv.get(key)).toBeUndefined();
  });
});

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

    it('a Redis that is killed and restarted costs one warning, and is used again', async () => {
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

    it('a full Redis costs one warning and disturbs nothing else', async () => {
      const redis = await RedisServer.start('--maxmemory', '1', '--maxmemory-policy', 'noeviction');
      const server = await serve({ envelope: envelopeOf({ values: { greeting: 'live' } }) });
      const { service, log } = await connectTo(server, { persistence: { store: keyvOn(redis) } });
      await until(() => expect(service.metrics().persistence!.failedWrites).toBe(1));
      expect(service.getString('greeting')).toBe('live');
      expect(log.text).toMatch(/Saving configs to .* failed: OOM/);
    });

    it('a Redis that is down delays neither the start nor the shutdown', async () => {
      const redis = await RedisServer.start();
      await redis.kill();
      const server = await serve({ envelope: envelopeOf({ values: { greeting: 'live' } }) });
      const store = keyvOn(redis);
      const { service } = await connectTo(server, { persistence: { store, preferCache: true } });
      expect(service.getString('greeting')).toBe('live');
      await service.close();
    });

    it('a Redis that no longer responds delays neither the start, reads nor the shutdown, and is used again when it does', async () => {
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

describe.runIf(hasPostgres)('a PostgreSQL as a store', { timeout: 60_000 }, () => {
  // As the documentation advises.
  const adapterOf = ({ url }: PostgresServer) => new KeyvPostgres({ uri: url, maxUses: 1 });

  it.each(versions)(
    'a process starts from what another one saved through Keyv %s in PostgreSQL',
    async (_, newKeyv) => {
      const postgres = await PostgresServer.start();
      const keyvOn = () => disconnectedLater(newKeyv(adapterOf(postgres)));
      await saveTo(keyvOn());
      expect(await greetingSavedIn(keyvOn())).toBe('saved');
    },
  );

  it('a PostgreSQL that is killed and restarted costs one warning, and is used again', async () => {
    const postgres = await PostgresServer.start();
    const keyvOn = () => disconnectedLater(new Keyv6(adapterOf(postgres)));
    const server = await serve({ envelope: envelopeOf({ values: { greeting: 'one' } }) });
    const { service, log } = await connectTo(server, { persistence: { store: keyvOn() } });
    await until(() => expect(service.metrics().persistence!.writes).toBe(1));
    await postgres.kill();
    server.publish(envelopeOf({ generation: 2, values: { greeting: 'two' } }));
    await until(() => expect(service.getString('greeting')).toBe('two'));
    await until(() => expect(service.metrics().persistence!.failedWrites).toBe(1));
    await postgres.restart();
    server.publish(envelopeOf({ generation: 3, values: { greeting: 'three' } }));
    await until(() => expect(service.getString('greeting')).toBe('three'));
    await service.close();
    expect(log.lines('warn').filter((line) => line.includes('Saving configs'))).toHaveLength(1);
    expect(log.text).not.toContain('hunter2');
    expect(await greetingSavedIn(keyvOn())).toBe('three');
  });
});
