import { inspect } from 'node:util';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { QuonfigError, QuonfigService, isQuonfigError } from '../../lib/index.js';
import { SdkKey } from '../../lib/requests/index.js';
import { envelopeOf, eventOf, SDK_KEY } from '../support/delivery-server.js';
import { RecordingLogger } from '../support/recording-logger.js';

const TOKEN = new SdkKey(SDK_KEY).forms()[1]!;
/** The headers of a request, as a custom `fetch` may include them in its errors. */
const LEAK = `failed with Basic ${TOKEN}, ${SDK_KEY}`;

/** Values that a custom `fetch` may throw. */
const THROWN: Record<string, () => unknown> = {
  'an error whose name throws': () =>
    Object.defineProperty(new Error('x'), 'name', {
      get: () => {
        throw new Error('no name');
      },
    }),
  'an error whose cause throws': () =>
    Object.defineProperty(new Error('x'), 'cause', {
      get: () => {
        throw new Error('no cause');
      },
    }),
  'an error whose name is a symbol': () => Object.assign(new Error('x'), { name: Symbol('name') }),
  'a proxy whose get trap throws the SDK key': () =>
    new Proxy(new Error('x'), {
      get: () => {
        throw new Error(LEAK);
      },
    }),
  'a proxy whose getPrototypeOf trap throws the SDK key': () =>
    new Proxy(new Error('x'), {
      getPrototypeOf: () => {
        throw new Error(LEAK);
      },
    }),
  'a proxy all of whose traps throw the SDK key': () =>
    new Proxy(
      {},
      new Proxy(
        {},
        {
          get: () => () => {
            throw new Error(LEAK);
          },
        },
      ),
    ),
  undefined: () => undefined,
  'a string with the SDK key': () => `failed with ${SDK_KEY}`,
  'an error whose code is the SDK key': () => Object.assign(new Error('x'), { code: SDK_KEY }),
};

afterEach(() => void vi.useRealTimers());

describe('a custom fetch that throws', () => {
  it.each(Object.entries(THROWN))(
    'the stream is retried and no secret is logged when fetch throws %s',
    async (_, thrown) => {
      vi.useFakeTimers();
      const log = new RecordingLogger();
      const envelope = envelopeOf({ values: { greeting: 'hello' } });
      let streams = 0;
      const creating = QuonfigService.create({
        sdkKey: SDK_KEY,
        apiUrls: ['http://primary.test', 'http://secondary.test'],
        collectEvaluationSummaries: false,
        contextUploadMode: 'none',
        onInitFailure: 'return-defaults',
        initTimeout: 50,
        logger: log,
        fetch: async (url) => {
          const { pathname } = new URL(url);
          if (!pathname.includes('/sse/') || ++streams < 3) throw thrown();
          return new Response(eventOf(envelope), {
            headers: { 'content-type': 'text/event-stream' },
          });
        },
      });
      await vi.advanceTimersByTimeAsync(100);
      const service = await creating;
      await expect(service.refresh()).rejects.toMatchObject({ code: 'network_error' });
      expect(JSON.stringify(service.health())).not.toContain(TOKEN);
      await vi.advanceTimersByTimeAsync(10_000);
      expect(service.getString('greeting')).toBe('hello');
      expect(service.metrics().restarts.stream.worker_throw).toBeGreaterThan(1);
      expect(log.text).not.toContain(SDK_KEY);
      expect(log.text).not.toContain(TOKEN);
      await service.close();
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it.each(Object.entries(THROWN))(
    'create() fails with an SDK error that contains no secrets when fetch throws %s',
    async (_, thrown) => {
      const options = {
        sdkKey: SDK_KEY,
        apiUrls: ['http://primary.test'],
        initTimeout: 20,
        logger: new RecordingLogger(),
        fetch: async () => {
          throw thrown();
        },
      };
      const error: unknown = await QuonfigService.create(options).catch(
        (reason: unknown) => reason,
      );
      expect(isQuonfigError(error)).toBe(true);
      for (const secret of [SDK_KEY, TOKEN]) {
        expect(String(error)).not.toContain(secret);
        expect(inspect(error, { depth: 9 })).not.toContain(secret);
        expect(options.logger.text).not.toContain(secret);
      }
    },
  );
});

it('a refused stream is recognized even if the response body of a custom fetch has no cancel()', async () => {
  const envelope = envelopeOf();
  const service = await QuonfigService.create({
    sdkKey: SDK_KEY,
    apiUrls: ['http://primary.test'],
    collectEvaluationSummaries: false,
    contextUploadMode: 'none',
    logger: new RecordingLogger(),
    fetch: async (url) =>
      url.includes('/sse/')
        ? { status: 401, headers: new Headers(), body: {} as ReadableStream }
        : new Response(JSON.stringify(envelope)),
  });
  onTestFinished(() => service.close());
  await vi.waitFor(() => expect(service.terminalFailure()).toBe(true));
});

it.each(Object.entries(THROWN))('isQuonfigError returns false for %s', (_, thrown) => {
  class ShopError extends QuonfigError {}
  expect(isQuonfigError(thrown())).toBe(false);
  expect(thrown() instanceof ShopError).toBe(false);
});
