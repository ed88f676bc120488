import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type BoundQuonfig,
  isQuonfigError,
  type QuonfigFetch,
  QuonfigService,
} from '../../lib/index.js';
import { retryAfterMs } from '../../lib/requests/index.js';
import { VirtualNetwork } from '../chaos/support/virtual-network.js';
import { envelopeOf } from '../support/delivery-server.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { createWorkspace, stringConfig } from '../support/workspace.js';
import { inPieces, json, mutatedBytes, randomEnvelope } from './envelopes.js';
import { hostileContexts } from './hostile.js';
import { fuzz, Random } from './random.js';

const GETTERS = [
  'get',
  'getString',
  'getNumber',
  'getBool',
  'getStringList',
  'getDuration',
  'getJSON',
  'isEnabled',
] as const;
const DETAILS = [
  'getBoolDetails',
  'getStringDetails',
  'getNumberDetails',
  'getStringListDetails',
  'getJSONDetails',
  'getDurationDetails',
  'getDurationStringDetails',
] as const;

type Getter = (key: string, contexts: object, defaultValue?: unknown) => unknown;

/** Runs an action that may throw only errors of the library. */
function onlyQuonfigErrors(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    if (!isQuonfigError(error)) throw error;
    JSON.stringify(error);
  }
}

/** Reads every key in every way, with hostile contexts. */
function readEverything(service: QuonfigService, random: Random): void {
  const contexts = hostileContexts(random);
  let reader: BoundQuonfig = service;
  onlyQuonfigErrors(() => (reader = service.withContext(hostileContexts(random))));
  for (const key of [...service.keys(), 'unknown']) {
    for (const getter of GETTERS) {
      onlyQuonfigErrors(() => (reader[getter] as Getter).call(reader, key, contexts));
      onlyQuonfigErrors(() => (service[getter] as Getter).call(service, key, contexts, undefined));
    }
    for (const details of DETAILS) expect(service[details](key, contexts)).toHaveProperty('reason');
    JSON.stringify(reader.explain(key, contexts));
    onlyQuonfigErrors(() => service.getRawMatch(key, contexts));
    onlyQuonfigErrors(() => service.shouldLog({ configKey: key, desiredLevel: 'debug', contexts }));
    service.rawConfig(key);
  }
  JSON.stringify(service.metrics());
  JSON.stringify(service.health());
}

const options = (fetch: QuonfigFetch, logger = new RecordingLogger()) => ({
  sdkKey: 'qf_sk_fuzz_0123456789',
  apiUrls: ['http://primary.test', 'http://secondary.test'],
  logger,
  fetch,
  onNoDefault: 'ignore' as const,
  onUnknownKey: 'silent' as const,
});

afterEach(() => {
  vi.useRealTimers();
});

describe('fuzzing', () => {
  it('an envelope with any content or bytes never breaks a service, its reads or its telemetry', async () => {
    const attempts = await fuzz(async (random) => {
      let generation = 1;
      const fetch = async (input: unknown): Promise<Response> => {
        if (String(input).includes('telemetry')) return new Response(null, { status: 200 });
        const bytes = mutatedBytes(random, JSON.stringify(randomEnvelope(random, generation++)));
        return new Response(inPieces(random, bytes), { headers: { etag: `"${generation}"` } });
      };
      const service = await QuonfigService.create({
        ...options(fetch),
        enableSSE: false,
        fallbackPollEnabled: false,
        initTimeout: 1,
        onInitFailure: 'return-defaults',
      });
      for (let round = 0; round < 8; round++) {
        await service.refresh().catch((error: unknown) => {
          if (!isQuonfigError(error)) throw error;
        });
        readEverything(service, random);
      }
      await service.flush();
      await service.close();
    });
    console.log(`envelopes: ${attempts}`);
  });

  it('a stream that is split at any byte delivers the same configs', async () => {
    const separators = ['\n', '\r', '\r\n'];
    const attempts = await fuzz(async (random) => {
      const line = random.pick(separators);
      const noise = (): string =>
        random.pick(['', `: comment${line}`, `retry: 5${line}`, `unknown: x${line}`, line]);
      const parts = [random.chance(0.2) ? '\ufeff' : ''];
      const last = 1 + random.below(5);
      for (let generation = 1; generation <= last; generation++) {
        const text = JSON.stringify(
          envelopeOf({ generation, values: { greeting: `hello ${generation} äß😀` } }),
        );
        const data = random.chance(0.5)
          ? `data: ${text}${line}`
          : text
              .split(/(?<=,)/)
              .map((piece) => `data:${piece}${line}`)
              .join('');
        parts.push(
          noise(),
          random.chance(0.8) ? `id: v${generation}${line}` : '',
          data,
          noise() === line ? '' : '',
          line,
        );
        if (random.chance(0.3)) parts.push(`data: ${JSON.stringify(json(random))}${line}${line}`);
      }
      const bytes = new TextEncoder().encode(parts.join(''));
      const fetch = async (input: unknown, init?: RequestInit): Promise<Response> => {
        const url = String(input);
        if (url.includes('telemetry')) return new Response(null, { status: 200 });
        if (!url.includes('/sse/')) {
          return Response.json(envelopeOf({ generation: 0, values: { greeting: 'first' } }));
        }
        const body = inPieces(random, bytes).pipeThrough(
          new TransformStream({
            flush: () =>
              new Promise((resolve) => init?.signal?.addEventListener('abort', () => resolve())),
          }),
        );
        return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
      };
      const service = await QuonfigService.create(options(fetch));
      await vi.waitFor(() => expect(service.getString('greeting')).toBe(`hello ${last} äß😀`), {
        timeout: 10_000,
        interval: 1,
      });
      expect(service.heldGeneration()).toBe(last);
      await service.close();
    });
    console.log(`streams: ${attempts}`);
  });

  it('a directory that changes while it is read settles on its final content', async () => {
    const attempts = await fuzz(async (random) => {
      const workspace = createWorkspace();
      workspace.writeFile('quonfig.json', '{"environments": ["production"]}');
      workspace.write(stringConfig('greeting', 'first'));
      const service = await QuonfigService.create({
        datadir: workspace.path,
        environment: 'production',
        dataDirAutoReload: random.chance(0.5),
        dataDirAutoReloadDebounceMs: 60,
        logger: new RecordingLogger(),
        onNoDefault: 'ignore',
      });
      const reads: Promise<unknown>[] = [];
      for (let change = 0; change < 20; change++) {
        const name = `configs/${random.pick(['a', 'b', 'greeting', 'ü'])}.json`;
        const text = JSON.stringify(
          stringConfig(random.pick(['a', 'b', 'greeting']), random.text(20)),
        );
        if (random.chance(0.2)) rmSync(`${workspace.path}/${name}`, { force: true });
        else workspace.writeFile(name, mutatedBytes(random, text));
        reads.push(
          service.refresh().catch((error: unknown) => expect(isQuonfigError(error)).toBe(true)),
        );
        if (random.chance(0.5)) await delay(random.below(5));
        readEverything(service, random);
      }
      await Promise.all(reads);
      rmSync(`${workspace.path}/configs`, { recursive: true, force: true });
      workspace.write(stringConfig('greeting', 'last'));
      await service.refresh();
      expect(service.getString('greeting')).toBe('last');
      expect(service.keys()).toEqual(['greeting']);
      await service.close();
      workspace.cleanup();
    });
    console.log(`directories: ${attempts}`);
  });

  it('any Retry-After is a delay, never a negative number or NaN', async () => {
    const forms = [
      '120',
      '-1',
      '1e3',
      '0x10',
      'Sun, 06 Nov 1994 08:49:37 GMT',
      'Sunday, 06-Nov-94 08:49:37 GMT',
      'soon 2050',
      '',
      ' 5 ',
      '99999999999999999999',
    ];
    const attempts = await fuzz((random) => {
      for (let round = 0; round < 1_000; round++) {
        const form = random.pick(forms);
        const at = random.below(form.length + 1);
        const header = form.slice(0, at) + random.text(3) + form.slice(at);
        const wait = retryAfterMs(header, random.pick([0, Date.now(), -1e15, 8.64e15]));
        expect(wait).toBeGreaterThanOrEqual(0);
      }
    });
    console.log(`headers: ${attempts * 1_000}`);
  });

  it('after clock jumps and random network failures, the service is connected and up to date', async () => {
    const attempts = await fuzz(async (random) => {
      const network = new VirtualNetwork();
      try {
        const service = await network.start({
          onInitFailure: 'return-defaults',
          initTimeout: 2_000,
        });
        let generation = 1;
        for (let event = 0; event < 30; event++) {
          const behaviors = [
            'serve',
            'refuse',
            'hang',
            { status: 503 },
            { status: 429 },
            { lateMs: 3_000 },
            { status: 200, body: random.text(40) },
          ] as const;
          network.primary.behavior = random.pick(behaviors);
          network.secondary.behavior = random.pick(behaviors);
          network.stream.inject(
            random.pick([
              {},
              { refuse: true },
              { oneByte: true },
              { status: 503 },
              { headersAfterMs: 40_000 },
            ]),
          );
          if (random.chance(0.5))
            network.publish(
              envelopeOf({ generation: ++generation, values: { greeting: `v${generation}` } }),
            );
          if (random.chance(0.3))
            vi.setSystemTime(random.pick([0, 1e9, 4e12, Date.now() - 1e7, Date.now() + 1e7]));
          await vi.advanceTimersByTimeAsync(random.below(120_000));
          const { ageMs, connectionState } = service.health();
          expect(ageMs === null || ageMs >= 0).toBe(true);
          expect(['initializing', 'connected', 'falling_back', 'disconnected']).toContain(
            connectionState,
          );
        }
        network.primary.behavior = network.secondary.behavior = 'serve';
        network.stream.inject({});
        network.publish(envelopeOf({ generation: ++generation, values: { greeting: 'last' } }));
        await vi.advanceTimersByTimeAsync(400_000);
        expect(service.getString('greeting')).toBe('last');
        expect(service.connectionState()).toBe('connected');
        await service.close();
      } finally {
        network.stream.close();
        vi.useRealTimers();
      }
    });
    console.log(`networks: ${attempts}`);
  });
});
