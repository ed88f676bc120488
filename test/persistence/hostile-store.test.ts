import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { inspect } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { PersistenceOptions, PersistenceStore } from '../../lib/index.js';
import { envelopeOf, SDK_KEY } from '../support/delivery-server.js';
import { connectTo, type Networked, serve } from '../support/networked.js';
import { RecordingLogger } from '../support/recording-logger.js';

const NOWHERE = { url: 'http://127.0.0.1:9' };
const QUICK = { initTimeout: 300, configFetchHedgeAbortMs: 200, configFetchHedgeDelayMs: 100 };
const KEY = 'cd'.repeat(32);

/** Returns a store with what a process saved that was connected. */
async function savedStore(generation: number, more: Partial<PersistenceOptions> = {}) {
  const store = new Map<string, string>();
  const server = await serve({
    envelope: envelopeOf({ generation, values: { greeting: 'saved' } }),
  });
  const { service } = await connectTo(server, { persistence: { store, ...more } });
  await service.close();
  await server.close();
  const [key, document] = [...store][0]!;
  return { store, key, document };
}

function startCutOff(store: PersistenceStore, logger = new RecordingLogger()): Promise<Networked> {
  return connectTo(NOWHERE, { ...QUICK, logger, persistence: { store } });
}

/** Any access to it throws. */
const untouchable = (): unknown => {
  const refuse = (): never => {
    throw new Error('touched');
  };
  return new Proxy({}, { get: refuse, getPrototypeOf: refuse, has: refuse, ownKeys: refuse });
};

describe('a hostile store', () => {
  it('a store that throws an uninspectable value affects neither startup nor shutdown', async () => {
    const fail = (): never => {
      throw untouchable();
    };
    const server = await serve({ envelope: envelopeOf({ values: { greeting: 'live' } }) });
    const { service } = await connectTo(server, {
      persistence: { store: { get: fail, set: fail } },
    });
    expect(service.getString('greeting')).toBe('live');
    await service.close();
    expect(service.metrics().persistence).toMatchObject({ failedReads: 1, failedWrites: 1 });
  });

  it.each([42, {}, [], true, Symbol('x'), new Uint8Array(4), ''])(
    'a store that returns %o counts as empty',
    async (value) => {
      await expect(startCutOff({ get: () => value, set: () => true })).rejects.toMatchObject({
        code: 'initialization_timeout',
      });
    },
  );

  it.each([
    'connect redis://default:hunter2@cache:6379 failed',
    'connect postgres://cache:6379/db?user=quonfig&password=hunter2 failed',
    'connect host=cache:6379 password=hunter2\nfailed',
  ])('a password in the error of a store is not logged: %j', async (message) => {
    const log = new RecordingLogger();
    const fail = () => Promise.reject(new Error(message));
    await expect(startCutOff({ get: fail, set: fail }, log)).rejects.toThrow();
    expect(log.text).toContain('cache:6379');
    expect(log.text).toContain('failed');
    expect(log.text).not.toContain('hunter2');
  });

  it('an error of a store cannot forge a log line', async () => {
    const log = new RecordingLogger();
    const fail = () => Promise.reject(new Error('failed\r\n\u001b[31mERROR forged'));
    await expect(startCutOff({ get: fail, set: fail }, log)).rejects.toThrow();
    expect(log.messages('warn').filter((line) => /\p{Cc}/u.test(line))).toEqual([]);
  });

  it('nothing that a store holds is visible in the service', async () => {
    const store = Object.assign(new Map<string, string>(), { url: 'redis://:hunter2@cache' });
    const server = await serve();
    const { service } = await connectTo(server, { persistence: { store } });
    const shown = inspect(service, { depth: 12, showHidden: true, getters: true });
    expect(shown).not.toContain('hunter2');
  });

  it('a damaged document of a newer generation is replaced', async () => {
    const { store, key, document } = await savedStore(9);
    store.set(key, document.slice(0, -40));
    const server = await serve({ envelope: envelopeOf({ generation: 5 }) });
    const { service } = await connectTo(server, { persistence: { store } });
    await service.close();
    expect(service.metrics().persistence!.writes).toBe(1);
    expect(store.get(key)).toContain('"generation":5');
  });

  it('a document of a newer generation that is not encrypted is replaced once a key is set', async () => {
    const { store, key } = await savedStore(9);
    const server = await serve({ envelope: envelopeOf({ generation: 5 }) });
    const { service } = await connectTo(server, { persistence: { store, encryptionKey: KEY } });
    await service.close();
    expect(store.get(key)).toContain('"encrypted":true');
  });

  it('saved configs with too large a generation are not used, so that newer ones can follow', async () => {
    const { store, key, document } = await savedStore(9);
    const [first, body] = document.split('\n') as [string, string];
    const json = gunzipSync(Buffer.from(body, 'base64'))
      .toString()
      .replace('"generation":9', '"generation":1e300');
    const sha256 = createHash('sha256').update(json).digest('hex');
    const header = { ...(JSON.parse(first) as object), sha256 };
    store.set(key, `${JSON.stringify(header)}\n${gzipSync(json).toString('base64')}`);
    const log = new RecordingLogger();
    await expect(startCutOff(store, log)).rejects.toThrow();
    expect(log.text).toContain('too large');
  });

  it('a message quotes nothing from a document that could be mistaken for another line', async () => {
    const { store, key, document } = await savedStore(9);
    const forged = '2001-01-01 (\\nforged line)';
    expect(Date.parse(JSON.parse(`"${forged}"`) as string)).not.toBeNaN();
    store.set(key, document.replace(/"savedAt":"[^"]*"/, `"savedAt":"${forged}"`));
    const log = new RecordingLogger();
    await expect(
      connectTo(NOWHERE, { ...QUICK, logger: log, persistence: { store, maxAge: 1000 } }),
    ).rejects.toThrow();
    expect(log.text).toContain('persistence.maxAge');
    expect(log.text).not.toContain('forged');
  });

  it('a header that is too long to parse is refused without parsing it', async () => {
    const { store, key, document } = await savedStore(9);
    store.set(key, document.replace('{', `{"padding":"${'x'.repeat(100_000)}",`));
    const log = new RecordingLogger();
    const parse = vi.spyOn(JSON, 'parse');
    onTestFinished(() => parse.mockRestore());
    await expect(startCutOff(store, log)).rejects.toThrow();
    expect(log.text).toContain('it is damaged');
    expect(parse.mock.calls.filter(([text]) => text.length > 65_536)).toEqual([]);
  });

  it.each([
    ['grows beyond the largest envelope when decompressed', gzipSync(Buffer.alloc(50_000_000))],
    ['is too long for the largest envelope', Buffer.alloc(1_500_000, 'x')],
  ])('a document that %s is refused, and the log says why', async (_, body) => {
    const { store, key, document } = await savedStore(9);
    store.set(key, `${document.split('\n')[0]}\n${body.toString('base64')}`);
    const log = new RecordingLogger();
    await expect(
      connectTo(NOWHERE, {
        ...QUICK,
        logger: log,
        maxEnvelopeBytes: 1_000_000,
        persistence: { store },
      }),
    ).rejects.toThrow();
    expect(log.text).toContain('its envelope is larger than maxEnvelopeBytes, 1000000 bytes');
  });

  it('neither key is visible in a service with persistence', async () => {
    const { store } = await savedStore(9, { encryptionKey: KEY });
    const persistence = { store, encryptionKey: KEY };
    const { service } = await connectTo(NOWHERE, { ...QUICK, persistence });
    const shown = [
      inspect(service, { depth: 12, showHidden: true, getters: true }),
      JSON.stringify([service, service.health(), service.metrics()]),
    ].join();
    expect(shown).not.toContain(KEY);
    expect(shown).not.toContain(SDK_KEY);
  });

  it('many services in turn leave one listener on a store, whose late errors crash nothing', async () => {
    const content = new Map<string, string>();
    const store = Object.assign(new EventEmitter(), {
      get: (key: string) => content.get(key),
      set: (key: string, value: string) => content.set(key, value),
    });
    const server = await serve();
    for (let turn = 0; turn < 3; turn++) {
      const { service } = await connectTo(server, { persistence: { store } });
      await service.close();
    }
    expect(store.listenerCount('error')).toBe(1);
    expect(() => store.emit('error', new Error('late'))).not.toThrow();
  });
});
