import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  type PersistenceOptions,
  type PersistenceStore,
  type QuonfigModuleOptions,
  QuonfigService,
} from '../../lib/index.js';
import { Child } from '../support/child-process.js';
import { envelopeOf, SDK_KEY } from '../support/delivery-server.js';
import { connectTo, type Networked, optionsFor, serve, until } from '../support/networked.js';
import { RecordingLogger } from '../support/recording-logger.js';
import type { Script } from '../support/served-path.js';
import { Saver } from './support/persistence.js';

const KEY = 'ab'.repeat(32);
const NEVER = new Promise<never>(() => undefined);
const NOWHERE = { url: 'http://127.0.0.1:9' };
const QUICK = { initTimeout: 300, configFetchHedgeAbortMs: 200, configFetchHedgeDelayMs: 100 };

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'quonfig-persistence-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const fileIn = (path = directory()): string => join(path, 'last-known-good');

/** Saves an envelope as a process does that is connected and then ends. */
async function saveTo(
  persistence: PersistenceOptions,
  value = 'saved',
  generation = 5,
): Promise<void> {
  const server = await serve({ envelope: envelopeOf({ generation, values: { greeting: value } }) });
  const { service } = await connectTo(server, { persistence });
  await service.close();
  await server.close();
}

/** Starts while nothing is reachable. */
function startCutOff(persistence: PersistenceOptions, more = {}): Promise<Networked> {
  return connectTo(NOWHERE, { ...QUICK, persistence, ...more });
}

describe('startup while the delivery service is unreachable', () => {
  it('a service starts from the saved configs and reports it in health, metrics and log', async () => {
    const file = fileIn();
    await saveTo({ file });
    const { service, log } = await startCutOff({ file });
    expect(service.getString('greeting')).toBe('saved');
    expect(service.ready()).toBe(true);
    expect(service.heldGeneration()).toBe(5);
    expect(service.health()).toMatchObject({
      ready: true,
      source: 'persistence',
      version: 'v5',
      environment: 'production',
      resolvedFrom: '',
    });
    expect(service.connectionState()).not.toBe('connected');
    expect(service.health().ageMs).toBeGreaterThan(0);
    expect(service.lastSuccessfulRefresh()!.getTime()).toBeLessThan(Date.now());
    expect(service.metrics().persistence).toEqual({ writes: 0, failedWrites: 0, failedReads: 0 });
    expect(log.lines('warn').join('\n')).toMatch(
      /Started from 1 config saved in .*last-known-good, which were current at \d{4}-\d\d-\d\dT/,
    );
    expect(log.text).toContain(`current at ${service.lastSuccessfulRefresh()!.toISOString()}`);
  });

  it('without polling and stream, saved configs do not count as connected', async () => {
    const file = fileIn();
    await saveTo({ file });
    const manual = { enableSSE: false, fallbackPollEnabled: false };
    const { service } = await startCutOff({ file }, manual);
    expect(service.connectionState()).toBe('disconnected');
    // So that a function that only calls updateIfStalerThan ever gets newer configs.
    await expect(service.updateIfStalerThan(1)).rejects.toThrow();
  });

  it('without saved configs, startup fails as it does without persistence', async () => {
    await expect(startCutOff({ file: fileIn() })).rejects.toMatchObject({
      code: 'initialization_timeout',
    });
  });

  it('a newer envelope from the network replaces saved configs, and an older one does not', async () => {
    const file = fileIn();
    await saveTo({ file });
    const server = await serve({
      envelope: envelopeOf({ generation: 4, values: { greeting: 'old' } }),
    });
    const { service } = await connectTo(server, { persistence: { file, preferCache: true } });
    expect(service.getString('greeting')).toBe('saved');
    await until(() => expect(service.metrics().guardRejected).toBeGreaterThan(0));
    expect(service.getString('greeting')).toBe('saved');
    server.publish(envelopeOf({ generation: 6, values: { greeting: 'new' } }));
    await until(() => expect(service.getString('greeting')).toBe('new'));
    expect(service.health().source).toBe('stream');
    expect(service.connectionState()).toBe('connected');
  });

  it('with preferCache, a service starts without waiting for the network, and loads from it afterwards', async () => {
    const file = fileIn();
    await saveTo({ file });
    const server = await serve({
      envelope: envelopeOf({ generation: 6, values: { greeting: 'new' } }),
    });
    server.configs.answerAlways('hold');
    server.stream.answerAlways('hold');
    const { service } = await connectTo(server, { persistence: { file, preferCache: true } });
    expect(service.getString('greeting')).toBe('saved');
    await until(() => expect(server.configs.holding).toBeGreaterThan(0));
    server.configs.answerNormally();
    server.stream.answerNormally();
    await until(() => expect(service.getString('greeting')).toBe('new'));
  });
});

describe('a refused SDK key', () => {
  it('saved configs are not used after the key was refused', async () => {
    const file = fileIn();
    await saveTo({ file });
    const server = await serve();
    server.revoke();
    const log = new RecordingLogger();
    const options = { persistence: { file }, logger: log };
    await expect(QuonfigService.create(optionsFor(server, options))).rejects.toMatchObject({
      code: 'http_error',
    });
    expect(log.text).toContain(`because ${server.url}/api/v2/configs refused the SDK key`);
  });

  const outages: [string, Script][] = [
    ['does not respond', 'hold'],
    ['cannot be reached', 'drop'],
    ['is overloaded', { status: 503 }],
  ];

  /** Starts while one API refuses the key and the other one fails. */
  async function startRefused(outage: Script, more: Partial<QuonfigModuleOptions>, refuser = 0) {
    const file = fileIn();
    await saveTo({ file });
    const apis = [await serve(), await serve()];
    apis[refuser]!.revoke();
    apis[1 - refuser]!.configs.answerAlways(outage);
    const log = new RecordingLogger();
    const options = optionsFor(apis[0]!, {
      ...QUICK,
      configFetchHedgeAbortMs: 5_000,
      apiUrls: apis.map(({ url }) => url),
      persistence: { file },
      logger: log,
      ...more,
    });
    return { start: QuonfigService.create(options), log, refuser: apis[refuser]! };
  }

  it.each(outages)(
    'saved configs are not used after the primary refused the key while the secondary %s',
    async (_, outage) => {
      const { start, log, refuser } = await startRefused(outage, {});
      await expect(start).rejects.toMatchObject({ code: 'initialization_timeout' });
      expect(log.text).toContain(`because ${refuser.url}/api/v2/configs refused the SDK key`);
    },
  );

  it.each(outages)(
    'saved configs are not used after the secondary refused the key while the primary %s',
    async (_, outage) => {
      const { start, log, refuser } = await startRefused(outage, {}, 1);
      await expect(start).rejects.toMatchObject({ code: 'initialization_timeout' });
      expect(log.text).toContain(`because ${refuser.url}/api/v2/configs refused the SDK key`);
    },
  );

  it.each(outages)(
    'with onTerminalFailure "poll", saved configs are used while one API refuses the key and the other %s',
    async (_, outage) => {
      const { start } = await startRefused(outage, { onTerminalFailure: 'poll' });
      const service = await start;
      onTestFinished(() => service.close());
      expect(service.getString('greeting')).toBe('saved');
    },
  );

  it('a refusal counts even if the API that refused cannot be reached afterwards', async () => {
    const file = fileIn();
    await saveTo({ file });
    const server = await serve();
    server.configs.answerAlways('drop');
    server.configs.answerNext({ status: 401 });
    const log = new RecordingLogger();
    const more = { persistence: { file }, logger: log, initTimeout: 2_000 };
    await expect(QuonfigService.create(optionsFor(server, more))).rejects.toThrow();
    expect(server.configs.requests.length).toBeGreaterThan(2);
    expect(log.text).toContain('refused the SDK key');
    expect(log.text).not.toContain('Started from');
  });

  it('saved configs are not mentioned if there are none', async () => {
    const server = await serve();
    server.revoke();
    const log = new RecordingLogger();
    const options = { persistence: { file: fileIn() }, logger: log };
    await expect(QuonfigService.create(optionsFor(server, options))).rejects.toThrow();
    expect(log.text).not.toContain('saved');
  });

  it('with onTerminalFailure "poll", saved configs are used anyway', async () => {
    const file = fileIn();
    await saveTo({ file });
    const server = await serve();
    server.revoke();
    const { service } = await connectTo(server, {
      persistence: { file },
      onTerminalFailure: 'poll',
    });
    expect(service.getString('greeting')).toBe('saved');
  });
});

describe('what is saved', () => {
  it('the file is only readable by its owner, and contains neither the SDK key nor, with a key, any config', async () => {
    const plain = fileIn();
    const secret = fileIn();
    await saveTo({ file: plain });
    await saveTo({ file: secret, encryptionKey: KEY });
    expect(statSync(plain).mode & 0o777).toBe(0o600);
    for (const file of [plain, secret]) expect(readFileSync(file, 'utf8')).not.toContain(SDK_KEY);
    const { service } = await startCutOff({ file: secret, encryptionKey: KEY });
    expect(service.getString('greeting')).toBe('saved');
    expect(inspect(service, { depth: 9 })).not.toContain(KEY);
  });

  it('with a key, nothing in plain text can confirm a guess at what the configs contain', async () => {
    const store = new Map<string, string>();
    await saveTo({ store, encryptionKey: KEY });
    const [firstLine] = [...store.values()][0]!.split('\n') as [string];
    expect(Object.keys(JSON.parse(firstLine) as object)).toEqual([
      'format',
      'owner',
      'environment',
      'version',
      'generation',
      'savedAt',
      'encrypted',
    ]);
  });

  it('the configs are saved when they are installed, and again for a later install', async () => {
    const store = new Map<string, string>();
    const server = await serve({ envelope: envelopeOf({ values: { greeting: 'one' } }) });
    const { service } = await connectTo(server, { persistence: { store } });
    await until(() => expect(store.size).toBe(1));
    const [first] = store.values();
    server.publish(envelopeOf({ generation: 2, values: { greeting: 'two' } }));
    await until(() => expect(service.getString('greeting')).toBe('two'));
    await service.close();
    expect([...store.values()]).not.toEqual([first]);
    expect([...store.keys()][0]).toMatch(/^quonfig:[0-9a-f]{32}$/);
  });

  it('saving happens at most every ten seconds', async () => {
    let writes = 0;
    const store = { get: () => undefined, set: () => void writes++ };
    const server = await serve();
    const { service } = await connectTo(server, { persistence: { store } });
    await until(() => expect(writes).toBe(1));
    for (let generation = 2; generation < 20; generation++) {
      server.publish(envelopeOf({ generation }));
    }
    await until(() => expect(service.heldGeneration()).toBe(19));
    expect(writes).toBe(1);
    await service.close();
    expect(writes).toBe(2);
  });

  it('saved configs that the network confirms are saved again, so that their age counts from the confirmation', async () => {
    const store = new Map<string, string>();
    await saveTo({ store });
    const [key, content] = [...store][0]!;
    store.set(key, content.replace(/"savedAt":"20\d\d/, '"savedAt":"2020'));
    const server = await serve({
      envelope: envelopeOf({ generation: 5, values: { greeting: 'saved' } }),
    });
    const { service } = await connectTo(server, { persistence: { store, preferCache: true } });
    await until(() => expect(service.connectionState()).toBe('connected'));
    await service.close();
    expect(service.health().source).toBe('persistence');
    expect(service.metrics().persistence!.writes).toBe(1);
    const { service: later } = await startCutOff({ store, maxAge: 60_000 });
    expect(later.getString('greeting')).toBe('saved');
  });

  it('of two processes with one store, the newer generation stays', async () => {
    const store = new Map<string, string>();
    await saveTo({ store }, 'newer', 7);
    await saveTo({ store }, 'older', 6);
    const { service } = await startCutOff({ store });
    expect(service.getString('greeting')).toBe('newer');
  });
});

describe('saved configs that are unusable', () => {
  const damaged: [string, (content: string) => string, RegExp][] = [
    ['truncated', (content) => content.slice(0, content.length - 20), /it is damaged/],
    ['empty', () => '', /it is damaged/],
    ['of zeros', (content) => '\0'.repeat(content.length), /it is damaged/],
    [
      'with another envelope',
      (content) => content.replace(/"sha256":"./, '"sha256":"x'),
      /damaged/,
    ],
    [
      'of a future format',
      (content) => content.replace('quonfig/1', 'quonfig/2'),
      /another version/,
    ],
    [
      'that says another environment than its envelope',
      (content) => content.replace('"environment":"production"', '"environment":"staging"'),
      /it is damaged/,
    ],
    [
      'that says another generation than its envelope',
      (content) => content.replace('"generation":5', '"generation":6'),
      /it is damaged/,
    ],
    ['without its envelope', (content) => content.slice(0, content.indexOf('\n')), /it is damaged/],
    ['of another program', () => '{"lastKnownGood":true}', /it is damaged/],
    [
      'of another SDK key',
      (content) => content.replace(/"owner":"../, '"owner":"zz'),
      /another SDK key/,
    ],
    [
      'that is encrypted',
      (content) => content.replace('"encrypted":false', '"encrypted":true'),
      /set persistence.encryptionKey/,
    ],
  ];

  it.each(damaged)(
    'a file %s is refused with a warning, and never half used',
    async (_, damage, reason) => {
      const file = fileIn();
      await saveTo({ file });
      writeFileSync(file, damage(readFileSync(file, 'utf8')), { mode: 0o600 });
      const log = new RecordingLogger();
      await expect(startCutOff({ file }, { logger: log })).rejects.toMatchObject({
        code: 'initialization_timeout',
      });
      expect(log.lines('warn').filter((line) => reason.test(line))).toHaveLength(1);
      expect(log.lines('warn').filter((line) => line.includes('is not used'))).toHaveLength(1);
    },
  );

  it('content that is refused at startup is replaced after the next install', async () => {
    const file = fileIn();
    await saveTo({ file });
    writeFileSync(file, 'something else', { mode: 0o600 });
    const server = await serve({ envelope: envelopeOf({ values: { greeting: 'new' } }) });
    const { service, log } = await connectTo(server, { persistence: { file } });
    await service.close();
    expect(log.lines('warn').filter((line) => line.includes('is not used'))).toHaveLength(1);
    const { service: later } = await startCutOff({ file });
    expect(later.getString('greeting')).toBe('new');
  });

  it('configs encrypted with a rotated key are refused, and the next ones are encrypted with the new key', async () => {
    const file = fileIn();
    const rotated = { file, encryptionKey: 'cd'.repeat(32) };
    await saveTo({ file, encryptionKey: KEY }, 'old', 7);
    const log = new RecordingLogger();
    await expect(startCutOff(rotated, { logger: log })).rejects.toThrow();
    expect(log.lines('warn').filter((line) => line.includes('decrypted'))).toHaveLength(1);
    await saveTo(rotated, 'new', 6);
    const { service } = await startCutOff(rotated);
    expect(service.getString('greeting')).toBe('new');
  });

  it('a changed header of an encrypted file is refused', async () => {
    const file = fileIn();
    await saveTo({ file, encryptionKey: KEY });
    const content = readFileSync(file, 'utf8').replace('"generation":5', '"generation":9');
    writeFileSync(file, content, { mode: 0o600 });
    const log = new RecordingLogger();
    const options = { file, encryptionKey: KEY };
    await expect(startCutOff(options, { logger: log })).rejects.toThrow();
    expect(log.text).toContain('cannot be decrypted');
  });

  it('a file of another key, or without encryption although a key is set, is refused', async () => {
    const file = fileIn();
    await saveTo({ file, encryptionKey: KEY });
    const other = { file, encryptionKey: 'cd'.repeat(32) };
    await expect(startCutOff(other)).rejects.toThrow();
    const plain = fileIn();
    await saveTo({ file: plain });
    await expect(startCutOff({ file: plain, encryptionKey: KEY })).rejects.toThrow();
  });

  it('configs older than maxAge are not used', async () => {
    const store = new Map<string, string>();
    await saveTo({ store });
    const [key, content] = [...store][0]!;
    store.set(key, content.replace(/"savedAt":"20\d\d/, '"savedAt":"2020'));
    const log = new RecordingLogger();
    await expect(startCutOff({ store, maxAge: 60_000 }, { logger: log })).rejects.toThrow();
    expect(log.text).toContain('persistence.maxAge is 60000 ms');
    const { service } = await startCutOff({ store });
    expect(service.health().ageMs).toBeGreaterThan(60_000);
  });

  it.each([
    [0, true],
    [1, false],
  ])('configs %d ms past maxAge are used: %s', async (excess, used) => {
    const saver = new Saver(new Map(), { maxAge: 60_000 });
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    saver.save(5);
    await saver.persistence.close();
    vi.setSystemTime(Date.now() + 60_000 + excess);
    expect(await saver.savedGeneration()).toBe(used ? 5 : undefined);
    expect(saver.log.lines('warn')).toHaveLength(used ? 0 : 1);
  });

  it('configs saved before the clock was set back count as new, and never as saved in the future', async () => {
    const store = new Map<string, string>();
    await saveTo({ store });
    const [key, content] = [...store][0]!;
    store.set(key, content.replace(/"savedAt":"20\d\d/, '"savedAt":"2999'));
    const { service } = await startCutOff({ store, maxAge: 60_000 });
    expect(service.getString('greeting')).toBe('saved');
    expect(service.lastSuccessfulRefresh()!.getTime()).toBeLessThanOrEqual(Date.now());
    expect(service.health().ageMs).toBeGreaterThanOrEqual(0);
  });
});

describe('a store that hangs', () => {
  const hanging = (): PersistenceStore => ({ get: () => NEVER, set: () => NEVER });

  it('with preferCache, a store that hangs delays startup by two seconds at most, and then the network is used', async () => {
    const server = await serve({ envelope: envelopeOf({ values: { greeting: 'live' } }) });
    const persistence = { store: hanging(), preferCache: true };
    const { service, log } = await connectTo(server, { persistence });
    expect(service.getString('greeting')).toBe('live');
    expect(log.text).toContain('the store did not respond within 2000 ms');
  });

  it('without a network, a store that hangs delays the failure of startup by two seconds at most', async () => {
    const log = new RecordingLogger();
    const start = startCutOff({ store: hanging() }, { logger: log });
    await expect(start).rejects.toMatchObject({ code: 'initialization_timeout' });
    expect(log.text).toContain('the store did not respond within 2300 ms');
  });

  it('a process that waits for nothing else does not end before it has started', async () => {
    const program = `
      import { QuonfigService } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
      const store = { get: () => new Promise(() => {}), set: () => undefined };
      const options = ${JSON.stringify({ ...optionsFor(NOWHERE, QUICK), onInitFailure: 'return-defaults' })};
      const service = await QuonfigService.create({ ...options, persistence: { store, preferCache: true } });
      console.log('started');
      await service.close();
    `;
    const child = Child.node(['--input-type=module', '--eval', program]);
    expect(await child.ended).toMatchObject({ code: 0 });
    expect(child.stdout).toContain('started');
  });

  it('reads are served while a call to the store is pending, and shutdown completes', async () => {
    const set = vi.fn(() => NEVER);
    const server = await serve({ envelope: envelopeOf({ values: { greeting: 'one' } }) });
    const { service } = await connectTo(server, {
      persistence: { store: { get: () => undefined, set } },
    });
    await until(() => expect(set).toHaveBeenCalledOnce());
    expect(service.getString('greeting')).toBe('one');
    server.publish(envelopeOf({ generation: 2, values: { greeting: 'two' } }));
    await until(() => expect(service.getString('greeting')).toBe('two'));
    await service.close();
    expect(set).toHaveBeenCalledOnce();
  });
});

describe('a store that is slow', () => {
  it('a slow store gets as much time as the network', async () => {
    const store = new Map<string, string>();
    await saveTo({ store });
    const slow: PersistenceStore = {
      get: async (key) => {
        await setTimeout(2_100);
        return store.get(key);
      },
      set: () => undefined,
    };
    const { service } = await startCutOff({ store: slow }, { initTimeout: 3_000 });
    expect(service.getString('greeting')).toBe('saved');
  });
});

describe('a store that fails', () => {
  const failures: [string, PersistenceStore][] = [
    [
      'throws',
      {
        get: () => {
          throw new Error('broken');
        },
        set: () => {
          throw new Error('broken');
        },
      },
    ],
    [
      'rejects',
      {
        get: () => Promise.reject(new Error('broken')),
        set: () => Promise.reject(new Error('broken')),
      },
    ],
    ['returns false', { get: () => undefined, set: () => Promise.resolve(false) }],
    ['hangs', { get: () => NEVER, set: () => NEVER }],
  ];

  it.each(failures)(
    'a store that %s never disturbs startup, reads or shutdown',
    async (_, store) => {
      const server = await serve({ envelope: envelopeOf({ values: { greeting: 'live' } }) });
      const { service, log } = await connectTo(server, { persistence: { store } });
      expect(service.getString('greeting')).toBe('live');
      await service.close();
      expect(service.metrics().persistence!.failedWrites).toBe(1);
      expect(log.lines('warn').filter((line) => line.includes('Saving configs'))).toHaveLength(1);
    },
  );

  it('one warning is logged while saving fails, and one message when it works again', async () => {
    let works = false;
    const store = { get: () => undefined, set: () => works };
    const server = await serve();
    const { service, log } = await connectTo(server, { persistence: { store } });
    await until(() => expect(service.metrics().persistence!.failedWrites).toBe(1));
    works = true;
    server.publish(envelopeOf({ generation: 2 }));
    await until(() => expect(service.heldGeneration()).toBe(2));
    await service.close();
    expect(log.lines('warn').filter((line) => line.includes('Saving configs'))).toHaveLength(1);
    expect(log.lines('info').join('\n')).toContain('Configs are saved to');
  });
});

describe('the option persistence', () => {
  it.each([
    [{}, 'persistence needs either file or store'],
    [{ file: 'a', store: new Map() }, 'persistence needs either file or store'],
    [
      { store: 'redis://localhost' },
      'persistence.store is a string; expected an object with the methods get and set',
    ],
    [
      { file: 'a', encryptionKey: 'short' },
      'persistence.encryptionKey is a string; expected 32 bytes as 64 hex digits',
    ],
    [{ file: 'a', maxAge: 0 }, 'persistence.maxAge is 0'],
    [{ file: 'a', perferCache: true }, 'persistence.perferCache is not an option'],
    ['redis://localhost', 'persistence is a string'],
  ])('%j is refused with a message that names the option', async (persistence, message) => {
    const create = QuonfigService.create({ sdkKey: SDK_KEY, persistence: persistence as never });
    await expect(create).rejects.toMatchObject({ code: 'invalid_options' });
    await expect(create).rejects.toThrow(message);
  });
});
