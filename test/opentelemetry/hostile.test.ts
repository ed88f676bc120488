import { context, metrics, type Span, trace } from '@opentelemetry/api';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { QuonfigService } from '../../lib/index.js';
import { instrumentQuonfig } from '../../lib/opentelemetry/index.js';
import { constant, serviceOf } from '../support/configs.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { Sdk } from './support/sdk.js';

const refuse = (): never => {
  throw new Error('touched');
};

/** Any access to it throws. */
const untouchable: object = new Proxy(
  {},
  { get: refuse, getPrototypeOf: refuse, has: refuse, ownKeys: refuse },
);

const newService = (logger = new RecordingLogger()): Promise<QuonfigService> =>
  serviceOf([constant('limit', 'int', 20)], { logger, onNoDefault: 'ignore' });

describe('hostile spans, values and contexts', () => {
  it.each<[string, object]>([
    ['that refuses everything', untouchable],
    ['whose isRecording throws', { isRecording: refuse }],
    ['whose addEvent throws', { isRecording: () => true, addEvent: refuse }],
  ])('a span %s changes no read', async (_, span) => {
    Sdk.start();
    const log = new RecordingLogger();
    const service = await newService(log);
    onTestFinished(instrumentQuonfig(service, { recordAs: 'spanEvent' }));
    context.with(trace.setSpan(context.active(), span as Span), () => {
      expect(service.get('limit')).toBe(20);
    });
    expect(service.metrics().callbackErrors).toBe(1);
    expect(log.text).toContain(
      'A subscriber of reads$ failed. Reads, updates and other subscribers',
    );
  });

  it('a log processor that fails on every read causes one log line per minute, and every read is still counted', async () => {
    const done = () => Promise.resolve();
    const sdk = Sdk.start({ processor: { onEmit: refuse, forceFlush: done, shutdown: done } });
    const log = new RecordingLogger();
    const service = await newService(log);
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    onTestFinished(instrumentQuonfig(service, { every: true }));
    for (let reads = 0; reads < 100; reads++) service.get('limit');
    expect(log.lines('error')).toHaveLength(1);
    vi.advanceTimersByTime(60_000);
    for (let reads = 0; reads < 100; reads++) service.get('limit');
    expect(log.lines('error')).toHaveLength(2);
    expect(await sdk.values('quonfig.reads')).toMatchObject({ static: 200 });
  });

  it('a default or a context that cannot be read is left out of the event', async () => {
    const sdk = Sdk.start();
    const service = await newService();
    const options = { values: true, every: true, contextId: 'user.key' };
    onTestFinished(instrumentQuonfig(service, options));
    service.get('absent', undefined, untouchable as never);
    service.get('limit', { user: untouchable });
    expect(sdk.loggedKeys).toEqual(['absent', 'limit']);
    const names = sdk.logRecords.flatMap(({ attributes }) => Object.keys(attributes));
    expect(names).not.toContain('feature_flag.context.id');
    expect(service.metrics().callbackErrors).toBe(0);
  });
});

describe('an instrumentation that fails', () => {
  it('a service whose instrumentation failed can be instrumented again', async () => {
    const sdk = Sdk.start();
    const service = await newService();
    const getMeter = vi.spyOn(metrics, 'getMeter').mockImplementation(refuse);
    expect(() => instrumentQuonfig(service, { every: true })).toThrow('touched');
    getMeter.mockRestore();
    onTestFinished(instrumentQuonfig(service, { every: true }));
    service.get('limit');
    expect(sdk.loggedKeys).toEqual(['limit']);
  });

  it.each<[object, string]>([
    [{ recordAs: 'logs' }, 'recordAs has an unusable value'],
    [{ every: 'false' }, 'every has an unusable value'],
    [{ values: 0 }, 'values has an unusable value'],
    [{ contextId: 5 }, 'contextId has an unusable value'],
    [{ contextId: '' }, 'contextId has an unusable value'],
    [{ name: {} }, 'name has an unusable value'],
  ])('the options %j are refused, and can be corrected', async (options, problem) => {
    Sdk.start();
    const service = await newService();
    expect(() => instrumentQuonfig(service, options)).toThrow(problem);
    expect(instrumentQuonfig(service)).not.toThrow();
  });

  it('a value that is not a service is refused by name', () => {
    for (const value of [undefined, null, {}]) {
      expect(() => instrumentQuonfig(value as never)).toThrow('service is missing');
    }
  });
});
