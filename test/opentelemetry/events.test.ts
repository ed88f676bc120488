import { logs } from '@opentelemetry/api';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { QuonfigService } from '../../lib/index.js';
import {
  instrumentQuonfig,
  type QuonfigInstrumentationOptions,
} from '../../lib/opentelemetry/index.js';
import { serviceOf, setEnv } from '../support/configs.js';
import { pageNamed } from '../docs/page.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { ABSENT_VARIABLE, SECRET, variedConfigs } from '../support/varied-configs.js';
import { Sdk } from './support/sdk.js';

interface Instrumented {
  readonly service: QuonfigService;
  readonly log: RecordingLogger;
  readonly stop: () => void;
}

async function instrumented(options?: QuonfigInstrumentationOptions): Promise<Instrumented> {
  setEnv({ [ABSENT_VARIABLE]: undefined });
  const log = new RecordingLogger();
  const service = await serviceOf(variedConfigs, { onNoDefault: 'ignore', logger: log });
  const stop = instrumentQuonfig(service, options);
  onTestFinished(stop);
  return { service, log, stop };
}

describe('evaluation events', () => {
  it('an evaluation becomes a log record of the span with the attributes of the conventions', async () => {
    const sdk = Sdk.start();
    const { service } = await instrumented();
    const { spanId } = sdk.inSpan('request', (span) => {
      service.isEnabled('pro', { user: { key: 'u-1', plan: 'pro' } });
      return span.spanContext();
    });
    const [record, ...others] = sdk.logRecords;
    expect(others).toEqual([]);
    expect(record!.eventName).toBe('feature_flag.evaluation');
    expect(record!.spanContext?.spanId).toBe(spanId);
    expect(record!.instrumentationScope).toMatchObject({
      name: 'nestjs-quonfig',
      version: service.metrics().sdkVersion.replace('nestjs-', ''),
    });
    expect(record!.attributes).toEqual({
      'feature_flag.key': 'pro',
      'feature_flag.provider.name': 'quonfig',
      'feature_flag.result.variant': 'targeting:0',
      'feature_flag.result.reason': 'targeting_match',
      'feature_flag.set.id': 'production',
      'feature_flag.version': 'v1',
    });
    expect(sdk.spanNamed('request').events).toEqual([]);
  });

  it('the first read of each key in each span is recorded, and none outside of spans', async () => {
    const sdk = Sdk.start();
    const { service } = await instrumented();
    service.get('limit');
    sdk.inSpan('one', () => {
      service.get('limit');
      service.getNumber('limit');
      service.get('word');
      sdk.inSpan('inner', () => service.get('limit'));
      service.get('limit');
    });
    sdk.inSpan('two', () => service.get('limit'));
    expect(sdk.loggedKeys).toEqual(['limit', 'word', 'limit', 'limit']);
  });

  it('a span records up to 1000 different keys', async () => {
    const sdk = Sdk.start();
    const { service } = await instrumented();
    sdk.inSpan('endless', () => {
      for (let number = 0; number < 1_100; number++) service.get(`absent-${number}`, undefined, 1);
    });
    expect(sdk.logRecords).toHaveLength(1_000);
  });

  it('nothing is recorded in a non-recording span', async () => {
    const sdk = Sdk.start({ sampled: false });
    const { service } = await instrumented({ recordAs: 'both' });
    sdk.inSpan('unsampled', () => service.get('limit'));
    expect(sdk.logRecords).toEqual([]);
  });

  it('with `every`, each evaluation is recorded, in spans and outside of them', async () => {
    const sdk = Sdk.start();
    const { service } = await instrumented({ every: true, recordAs: 'both' });
    service.get('limit');
    sdk.inSpan('request', () => {
      service.get('limit');
      service.get('limit');
    });
    expect(sdk.loggedKeys).toEqual(['limit', 'limit', 'limit']);
    expect(sdk.spanNamed('request').events).toHaveLength(2);
  });

  it.each([
    ['log', 1, 0],
    ['spanEvent', 0, 1],
    ['both', 1, 1],
  ] as const)(
    'with recordAs %s, the number of log records is %i, and that of span events %i',
    async (recordAs, records, events) => {
      const sdk = Sdk.start();
      const { service } = await instrumented({ recordAs });
      sdk.inSpan('request', () => service.get('limit'));
      expect(sdk.logRecords).toHaveLength(records);
      expect(sdk.spanNamed('request').events).toHaveLength(events);
      const expected = { 'feature_flag.key': 'limit', 'feature_flag.result.variant': 'static' };
      for (const event of [...sdk.logRecords, ...sdk.spanNamed('request').events]) {
        expect(event.attributes).toMatchObject(expected);
      }
    },
  );

  it('an evaluation that fails has the type and the message of its error', async () => {
    const sdk = Sdk.start();
    const { service } = await instrumented();
    sdk.inSpan('request', () => {
      service.get('absent', undefined, 7);
      service.getBoolDetails('limit');
      expect(() => service.get('host')).toThrow();
      service.get('unmatched', undefined, 'default');
      service.get('color', { user: { key: 'u-1' } });
    });
    const shown = sdk.logRecords.map(({ attributes }) => [
      attributes['feature_flag.result.reason'],
      attributes['feature_flag.result.variant'],
      attributes['error.type'],
    ]);
    expect(shown).toEqual([
      ['error', 'default', 'flag_not_found'],
      ['error', 'default', 'type_mismatch'],
      ['error', 'default', 'general'],
      ['default', 'default', undefined],
      ['split', 'split:0', undefined],
    ]);
    expect(sdk.logRecords[0]!.attributes['feature_flag.error.message']).toContain('"absent"');
    expect(sdk.logRecords[2]!.attributes['feature_flag.error.message']).toContain(
      'QUONFIG_TEST_ABSENT',
    );
    expect(sdk.logRecords[3]!.attributes).not.toHaveProperty('feature_flag.error.message');
  });

  it('with `values`, events have the value that was read, except a secret one', async () => {
    const sdk = Sdk.start();
    const { service } = await instrumented({ values: true, recordAs: 'both' });
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    sdk.inSpan('request', () => {
      for (const key of ['limit', 'word', 'list', 'document', 'level', 'secret']) service.get(key);
      service.get('absent', undefined, 7);
      service.get('unmatched', undefined, circular);
      service.isEnabled('pro');
    });
    const values = sdk.logRecords.map(({ attributes }) => attributes['feature_flag.result.value']);
    const document = '{"nested":{"deep":[1,null]}}';
    expect(values).toEqual([
      20,
      'many',
      ['a', 'b'],
      document,
      'WARN',
      undefined,
      7,
      undefined,
      false,
    ]);
    const spanValues = sdk
      .spanNamed('request')
      .events.map(({ attributes }) => attributes?.['feature_flag.result.value']);
    expect(spanValues).toEqual(values);
    expect(JSON.stringify(sdk.logRecords.map(({ attributes }) => attributes))).not.toContain(
      SECRET,
    );
  });

  it('with `contextId`, events have that property of the contexts, if it is a string or a number', async () => {
    const sdk = Sdk.start();
    const { service } = await instrumented({ contextId: 'user.key', every: true });
    const broken = Object.defineProperty({}, 'key', {
      get: () => {
        throw new Error('hostile');
      },
    });
    for (const user of [{ key: 'u-1' }, { key: 7 }, { key: {} }, {}, broken]) {
      service.get('limit', { user });
    }
    service.withContext({ user: { key: 'bound' } }).get('limit');
    service.get('limit');
    service.get('limit', Object.fromEntries([['__proto__', { key: 'x' }]]));
    const ids = sdk.logRecords.map(({ attributes }) => attributes['feature_flag.context.id']);
    expect(ids).toEqual([
      'u-1',
      '7',
      undefined,
      undefined,
      undefined,
      'bound',
      undefined,
      undefined,
    ]);
  });

  it.each([
    ['country', { '': { country: 'de' } }],
    ['user.ip.address', { user: { 'ip.address': 'de' } }],
    ['constructor.name', {}],
  ])('the path %s names a property as rules do', async (contextId, contexts) => {
    const sdk = Sdk.start();
    const { service } = await instrumented({ contextId, every: true });
    service.get('limit', contexts);
    const [record] = sdk.logRecords;
    expect(record!.attributes['feature_flag.context.id']).toBe(
      Object.keys(contexts).length > 0 ? 'de' : undefined,
    );
  });

  it('`name` distinguishes the events of several services', async () => {
    const sdk = Sdk.start();
    const one = await instrumented({ name: 'main' });
    const other = await instrumented({ name: 'billing' });
    sdk.inSpan('request', () => {
      one.service.get('limit');
      other.service.get('limit');
    });
    expect(sdk.logRecords.map(({ attributes }) => attributes['quonfig.instance'])).toEqual([
      'main',
      'billing',
    ]);
  });

  it('nothing is recorded after the returned function was called', async () => {
    const sdk = Sdk.start();
    const { service, stop } = await instrumented({ every: true });
    stop();
    service.get('limit');
    expect(sdk.logRecords).toEqual([]);
    const again = instrumentQuonfig(service, { every: true });
    stop();
    service.get('limit');
    expect(sdk.loggedKeys).toEqual(['limit']);
    again();
  });

  it('a service that is instrumented is not instrumented again', async () => {
    const { service } = await instrumented();
    expect(() => instrumentQuonfig(service)).toThrow(
      expect.objectContaining({ code: 'duplicate_instrumentation' }),
    );
  });

  it('an SDK for logs that starts after the instrumentation receives its events', async () => {
    const { service } = await instrumented();
    service.get('limit');
    const sdk = Sdk.start();
    sdk.inSpan('request', () => service.get('limit'));
    expect(sdk.loggedKeys).toEqual(['limit']);
  });

  it('without an SDK, reads return their values', async () => {
    const { service, log } = await instrumented({ every: true, recordAs: 'both' });
    expect(service.get('limit')).toBe(20);
    expect(log.problems).toEqual([]);
  });
});

/** A processor that runs a function for each log record. */
const processing = (onEmit: () => void): LogRecordProcessor => ({
  onEmit,
  forceFlush: async () => undefined,
  shutdown: async () => undefined,
});

it('exactly the documented attributes are recorded', async () => {
  const sdk = Sdk.start();
  const { service } = await instrumented({ values: true, contextId: 'user.key', name: 'main' });
  sdk.inSpan('request', () => {
    service.get('limit', { user: { key: 'u-1' } });
    service.get('absent', undefined, 1);
  });
  const recorded = sdk.logRecords.flatMap(({ attributes }) => Object.keys(attributes));
  const documented = pageNamed('docs/opentelemetry.md')
    .table('Events')
    .map(([name]) => name);
  expect(new Set(documented)).toEqual(new Set(recorded));
});

describe('an SDK that misbehaves', () => {
  it('a read returns its value although the processor of its event throws', async () => {
    const processor = processing(() => {
      throw new Error('broken processor');
    });
    Sdk.start({ processor });
    const { service, log } = await instrumented({ every: true });
    expect(service.get('limit')).toBe(20);
    expect(service.isEnabled('pro')).toBe(false);
    expect(service.metrics().callbackErrors).toBe(1);
    expect(log.lines('error')[0]).toContain('broken processor');
  });

  it('a processor may read flags and log levels of the same service and of others', async () => {
    let depth = 0;
    let deepest = 0;
    const services: QuonfigService[] = [];
    const processor = processing(() => {
      deepest = Math.max(deepest, ++depth);
      for (const service of services) {
        service.get('word');
        service.shouldLog({ configKey: 'level', desiredLevel: 'info' });
      }
      depth--;
    });
    const sdk = Sdk.start({ processor });
    for (const name of ['main', 'billing']) {
      services.push((await instrumented({ every: true, name })).service);
    }
    services[0]!.get('limit');
    expect(deepest).toBe(2);
    expect(sdk.loggedKeys.filter((key) => key === 'limit')).toHaveLength(1);
  });

  it('an error that is logged through the same SDK does not recurse', async () => {
    let records = 0;
    const processor = processing(() => {
      records++;
      throw new Error('broken processor');
    });
    Sdk.start({ processor });
    const service = await serviceOf(variedConfigs);
    const logger = {
      warn: () => undefined,
      error: (message: string) => {
        if (other.shouldLog({ configKey: 'level', desiredLevel: 'error' })) {
          logs.getLogger('application').emit({ body: message });
        }
      },
    };
    const other = await serviceOf(variedConfigs, { logger });
    onTestFinished(instrumentQuonfig(service, { every: true }));
    onTestFinished(instrumentQuonfig(other, { every: true }));
    expect(other.get('limit')).toBe(20);
    expect(records).toBe(2);
  });
});
