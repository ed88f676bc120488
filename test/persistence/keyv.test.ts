import KeyvRedis from '@keyv/redis';
import { Keyv } from 'keyv';
import { describe, expect, it, onTestFinished } from 'vitest';
import { envelopeOf } from '../support/delivery-server.js';
import { connectTo, serve, until } from '../support/networked.js';
import { hasRedis, RedisServer } from '../support/redis.js';

const NOWHERE = { url: 'http://127.0.0.1:9' };
const QUICK = { initTimeout: 300, configFetchHedgeAbortMs: 200, configFetchHedgeDelayMs: 100 };

function keyvOn(server: RedisServer): Keyv {
  const adapter = new KeyvRedis(
    { url: server.url, socket: { reconnectStrategy: 100, connectTimeout: 1_000 } },
    { throwOnConnectError: false },
  );
  const keyv = new Keyv(adapter);
  onTestFinished(() => void keyv.disconnect().catch(() => undefined));
  return keyv;
}

async function saveTo(store: Keyv): Promise<void> {
  const server = await serve({
    envelope: envelopeOf({ generation: 5, values: { greeting: 'saved' } }),
  });
  const { service } = await connectTo(server, { persistence: { store } });
  await service.close();
  await server.close();
}

describe('a Keyv as a store', () => {
  it('a process starts from what another one saved in the same Keyv', async () => {
    const keyv = new Keyv();
    await saveTo(keyv);
    const { service } = await connectTo(NOWHERE, { ...QUICK, persistence: { store: keyv } });
    expect(service.getString('greeting')).toBe('saved');
  });

  it('maxAge becomes the time to live of what is saved', async () => {
    const keyv = new Keyv();
    const server = await serve();
    const { service } = await connectTo(server, { persistence: { store: keyv, maxAge: 60_000 } });
    await service.close();
    const [[, stored]] = [...(keyv.opts.store as Map<string, string>)] as [[string, string]];
    expect(JSON.parse(stored)).toHaveProperty('expires');
  });
});

describe.runIf(hasRedis)('a Redis as a store', { timeout: 30_000 }, () => {
  it('a process starts from what another one saved in Redis', async () => {
    const redis = await RedisServer.start();
    await saveTo(keyvOn(redis));
    const persistence = { store: keyvOn(redis) };
    const { service } = await connectTo(NOWHERE, { ...QUICK, persistence });
    expect(service.getString('greeting')).toBe('saved');
    expect(service.health().source).toBe('persistence');
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
    const { service: later } = await connectTo(NOWHERE, {
      ...QUICK,
      persistence: { store: keyvOn(redis) },
    });
    expect(later.getString('greeting')).toBe('three');
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
});
