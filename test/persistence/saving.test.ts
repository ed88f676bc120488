import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as realDelay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { QuonfigModuleOptions } from '../../lib/index.js';
import type { StoredConfig } from '../../lib/model/index.js';
import { envelopeOf, SDK_KEY } from '../support/delivery-server.js';
import { connectTo, serve, until } from '../support/networked.js';
import { Saver } from './support/persistence.js';

const NOWHERE = { url: 'http://127.0.0.1:9' };
const QUICK = { initTimeout: 300, configFetchHedgeAbortMs: 200, configFetchHedgeDelayMs: 100 };

function temporaryFile(): string {
  const path = mkdtempSync(join(tmpdir(), 'quonfig-saving-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return join(path, 'saved');
}

/** Starts while nothing is reachable, and returns the greeting. */
async function greetingSavedIn(
  store: NonNullable<QuonfigModuleOptions['persistence']>['store'],
  more: Partial<QuonfigModuleOptions> = {},
): Promise<unknown> {
  const { service } = await connectTo(NOWHERE, { ...QUICK, persistence: { store }, ...more });
  expect(service.health().source).toBe('persistence');
  return service.getString('greeting');
}

describe('when configs are saved', () => {
  it('installs within ten seconds cause one write, of the last one, and not a moment earlier', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    let writtenAt = 0;
    const set = vi.fn((_key: string, _document: string) => void (writtenAt = performance.now()));
    const saver = new Saver({ get: () => undefined, set });
    const generationOf = (call: number): unknown =>
      JSON.parse(set.mock.calls[call]![1].split('\n')[0]!).generation;
    saver.save(1);
    await until(() => expect(saver.persistence.counters.writes).toBe(1));
    for (let generation = 2; generation <= 100; generation++) {
      saver.save(generation);
      await vi.advanceTimersByTimeAsync(90);
    }
    await vi.advanceTimersByTimeAsync(writtenAt + 9_999 - performance.now());
    // A write would compress, which takes a moment.
    await realDelay(100);
    expect(set).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    await until(() => expect(saver.persistence.counters.writes).toBe(2));
    expect([generationOf(0), generationOf(1)]).toEqual([1, 100]);
  });

  it('an install neither calls the store nor serializes configs: both follow in a later turn', async () => {
    const events: string[] = [];
    const store = {
      get: () => void events.push('get'),
      set: () => void events.push('set'),
    };
    const server = await serve({ envelope: envelopeOf() });
    server.configs.answerNext('hold');
    const starting = connectTo(server, {
      persistence: { store },
      onConfigUpdate: () => {
        events.splice(0, events.length, 'installed');
        queueMicrotask(() => events.push('end of the turn'));
      },
    });
    await until(() => expect(server.configs.holding).toBe(1));
    server.configs.release();
    await starting;
    await until(() => expect(events).toContain('set'));
    expect(events.slice(0, 2)).toEqual(['installed', 'end of the turn']);
  });

  it('the event loop keeps turning while many configs are saved', async () => {
    const saver = new Saver(temporaryFile(), { maxBytes: 1e9 });
    const configs = Array.from({ length: 20_000 }, (_, index) => ({
      key: `key.${index}`,
      type: 'config',
      valueType: 'string',
      default: { rules: [{ value: { type: 'string', value: `value ${index} `.repeat(20) } }] },
    })) as unknown as StoredConfig[];
    const meta = { version: 'v1', environment: 'production', generation: 1 };
    saver.persistence.save(() => ({ configs, meta, refreshedAt: new Date() }));
    let turns = 0;
    const count = (): void => {
      turns++;
      if (saver.persistence.counters.writes === 0) setImmediate(count);
    };
    setImmediate(count);
    await until(() => expect(saver.persistence.counters.writes).toBe(1));
    expect(turns).toBeGreaterThan(20);
  });
});

describe('what is saved', () => {
  it('configs have the bytes that the API delivered, and are not readable with an encryptionKey', async () => {
    const exact =
      '{"key":"exact","type":"config" , "valueType":"string",  "note":12345678901234567890.10,"default":{"rules":[]}}';
    const meta = '{"version":"v5","environment":"production","generation":5}';
    const server = await serve();
    server.configs.answerAlways({ status: 200, body: `{"configs":[${exact}],"meta":${meta}}` });
    const contentWith = async (encryptionKey?: string): Promise<Buffer> => {
      const store = new Map<string, string>();
      const persistence = { store, encryptionKey };
      const { service } = await connectTo(server, { persistence, enableSSE: false });
      await service.close();
      const [, body = ''] = [...store.values()][0]!.split('\n');
      return Buffer.from(body, 'base64');
    };
    expect(gunzipSync(await contentWith()).toString()).toContain(exact);
    const encrypted = await contentWith('ab'.repeat(32));
    expect(() => gunzipSync(encrypted)).toThrow();
    expect(encrypted.toString('latin1')).not.toContain('exact');
  });

  it('each SDK key has its own entry in a store, and the store contains no SDK key', async () => {
    const other = 'qf_sk_other_0123456789';
    const server = await serve({ envelope: envelopeOf({ values: { greeting: 'production' } }) });
    server.allow(other, 'staging');
    server.publish(envelopeOf({ environment: 'staging', values: { greeting: 'staging' } }));
    const store = new Map<string, string>();
    for (const sdkKey of [SDK_KEY, other]) {
      const { service } = await connectTo(server, { sdkKey, persistence: { store } });
      await service.close();
    }
    expect(store.size).toBe(2);
    expect(JSON.stringify([...store])).not.toMatch(/qf_sk/);
    expect(await greetingSavedIn(store)).toBe('production');
    expect(await greetingSavedIn(store, { sdkKey: other })).toBe('staging');
  });

  it('a store may return what was saved as a Buffer', async () => {
    const content = new Map<string, Buffer>();
    const store = {
      get: (key: string) => content.get(key),
      set: (key: string, value: string) => content.set(key, Buffer.from(value)),
    };
    const server = await serve({ envelope: envelopeOf({ values: { greeting: 'saved' } }) });
    const { service } = await connectTo(server, { persistence: { store } });
    await service.close();
    expect(await greetingSavedIn(store)).toBe('saved');
  });

  it('a file is flushed to disk before it replaces the old one, and the replacement is flushed after it', async () => {
    const path = temporaryFile();
    const handle = await open(tmpdir());
    const prototype = Object.getPrototypeOf(handle) as { sync(): Promise<void> };
    await handle.close();
    const states: unknown[] = [];
    const sync = Object.getOwnPropertyDescriptor(prototype, 'sync')!.value as () => Promise<void>;
    const spy = vi.spyOn(prototype, 'sync').mockImplementation(async function (this: never) {
      states.push({ staged: readdirSync(join(path, '..')).length, saved: existsSync(path) });
      await sync.call(this);
    });
    onTestFinished(() => spy.mockRestore());
    const saver = new Saver(path);
    saver.save(1);
    await saver.persistence.close();
    expect(saver.persistence.counters.writes).toBe(1);
    expect(states).toEqual([
      { staged: 1, saved: false },
      { staged: 1, saved: true },
    ]);
  });
});
