import { afterEach, describe, expect, it, vi } from 'vitest';
import { QuonfigService } from '../../lib/index.js';
import { envelopeOf, eventOf, SDK_KEY } from '../support/delivery-server.js';
import { RecordingLogger } from '../support/recording-logger.js';

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
      await vi.advanceTimersByTimeAsync(10_000);
      expect(service.getString('greeting')).toBe('hello');
      expect(service.metrics().restarts.stream.worker_throw).toBeGreaterThan(1);
      expect(log.text).not.toContain(SDK_KEY);
      await service.close();
      expect(vi.getTimerCount()).toBe(0);
    },
  );
});
