import { rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type QuonfigModuleOptions, QuonfigService } from '../../lib/index.js';
import { config, constant, envelope, rule, setEnv, value, when, yes } from '../support/configs.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { TelemetryStub } from '../support/telemetry-stub.js';
import { temporaryDirectory } from '../support/workspace.js';

interface Counter {
  selectedValue: Record<string, unknown>;
  count: number;
  reason: number;
  conditionalValueIndex: number;
  weightedValueIndex?: number;
}

/** The events of a report, by name. */
type Events = Record<string, any>;

afterEach(() => void vi.useRealTimers());

async function reporting(
  configs: unknown[],
  options: Partial<QuonfigModuleOptions> = {},
): Promise<{ service: QuonfigService; stub: TelemetryStub; report: () => Promise<Events> }> {
  const stub = await TelemetryStub.start(200);
  onTestFinished(() => stub.stop());
  const service = await QuonfigService.create({
    sdkKey: 'qf_sk_recording',
    telemetryUrl: stub.url,
    datafile: envelope(configs),
    enableQuonfigUserContext: false,
    onNoDefault: 'ignore',
    logger: new RecordingLogger(),
    ...options,
  });
  onTestFinished(() => service.close());
  const report = async (): Promise<Events> => {
    const before = stub.requests.length;
    await service.flush();
    const request = stub.requests[before];
    if (request === undefined) return {};
    const { events } = JSON.parse(request.body) as { events: Events[] };
    return Object.assign({}, ...events) as Events;
  };
  return { service, stub, report };
}

/** The counters of one key. */
function counters({ summaries }: Events, key: string): Counter[] {
  const found = summaries?.summaries.find((summary: Events) => summary['key'] === key);
  return (found?.counters ?? []) as Counter[];
}

describe('evaluation summaries', () => {
  it('every read that returns a value is counted once, whichever method is used', async () => {
    const { service, report } = await reporting([constant('flag', 'bool', true)]);
    service.get('flag');
    service.getBool('flag');
    service.getString('flag');
    service.isEnabled('flag');
    service.getBoolDetails('flag');
    service.withContext({ user: { key: 'u' } }).get('flag');
    const live = service.live('flag');
    expect(live.value).toBe(true);
    service.observe('flag').subscribe().unsubscribe();
    expect(counters(await report(), 'flag')).toEqual([
      expect.objectContaining({ count: 8, selectedValue: { bool: true }, reason: 1 }),
    ]);
  });

  it('defaults, errors, explanations and log levels are not counted', async () => {
    const level = config('level', 'log_level', [rule(value('log_level', 'INFO'))], 'log_level');
    const { service, report } = await reporting([
      constant('text', 'string', 'words'),
      config('no-match', 'bool', [rule(yes, when('PROP_IS_ONE_OF', 'user.key', ['x']))]),
      constant('provided', 'string', { source: 'ENV_VAR', lookup: 'QUONFIG_TEST_UNSET' }),
      level,
    ]);
    expect(service.get('unknown', null, 'default')).toBe('default');
    expect(service.get('no-match', null, false)).toBe(false);
    expect(() => service.getNumber('text')).toThrow();
    service.getBoolDetails('text');
    service.explain('text');
    service.getRawMatch('text');
    service.rawConfig('text');
    service.shouldLog({ configKey: 'level', desiredLevel: 'info' });
    service.get('level');
    const { summaries } = await report();
    expect(summaries).toBeUndefined();
  });

  it('a read of the wrong type records neither a count nor its contexts', async () => {
    const { service, report } = await reporting([constant('number', 'int', 1)]);
    expect(service.getBoolDetails('number', { user: { key: 'u' } }).errorCode).toBe(
      'TYPE_MISMATCH',
    );
    expect(await report()).toEqual({});
  });

  it('values are reported by their declared type', async () => {
    const { service, report } = await reporting([
      constant('double', 'double', 2),
      constant('int', 'int', 2),
      constant('duration', 'duration', 'PT1.5S'),
      constant('list', 'string_list', ['a', 'b']),
      constant('json', 'json', { a: [1, 'x', null] }),
      constant('large', 'json', { text: 'x'.repeat(100_000), more: [1, 2, 3] }),
    ]);
    for (const key of service.keys()) service.get(key);
    const events = await report();
    const reported = (key: string) => counters(events, key)[0]?.selectedValue;
    expect(reported('double')).toEqual({ double: 2 });
    expect(reported('int')).toEqual({ int: 2 });
    expect(reported('duration')).toEqual({ int: 1_500 });
    expect(reported('list')).toEqual({ stringList: ['a', 'b'] });
    expect(reported('json')).toEqual({ string: '{"a":[1,"x",null]}' });
    expect(reported('large')!['string']).toMatch(/^\{"text":"x{1000,}$/);
    expect((reported('large')!['string'] as string).length).toBeLessThanOrEqual(1_024);
  });

  it('each value of an environment variable has its own count', async () => {
    const provided = value('provided', { source: 'ENV_VAR', lookup: 'QUONFIG_TEST_REGION' });
    const { service, report } = await reporting([config('region', 'string', [rule(provided)])]);
    setEnv({ QUONFIG_TEST_REGION: 'eu' });
    service.get('region');
    service.get('region');
    setEnv({ QUONFIG_TEST_REGION: 'us' });
    service.get('region');
    const counts = counters(await report(), 'region').map((each) => [
      each.selectedValue,
      each.count,
    ]);
    expect(counts).toEqual([
      [{ string: 'eu' }, 2],
      [{ string: 'us' }, 1],
    ]);
  });

  it('a confidential value is never reported, stored or provided', async () => {
    setEnv({ QUONFIG_TEST_SECRET: 'from-the-environment' });
    const secret = { source: 'ENV_VAR', lookup: 'QUONFIG_TEST_SECRET' };
    const { service, stub, report } = await reporting([
      config('plain', 'string', [rule(value('string', 'plain-text', { confidential: true }))]),
      config('provided', 'string', [rule(value('provided', secret, { confidential: true }))]),
    ]);
    service.get('plain');
    service.get('provided');
    service.get('provided');
    const events = await report();
    expect(counters(events, 'plain')[0]!.selectedValue['string']).toMatch(/^\*{5}[0-9a-f]{5}$/);
    expect(counters(events, 'provided')).toEqual([expect.objectContaining({ count: 2 })]);
    expect(stub.requests[0]!.body).not.toMatch(/plain-text|from-the-environment/);
  });

  it('counts stay complete and separate when new configs are installed between reads', async () => {
    const directory = temporaryDirectory();
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const path = join(directory, 'configs.json');
    const publish = (...configs: unknown[]) => writeFile(path, JSON.stringify(envelope(configs)));
    await publish(constant('same', 'int', 1), constant('changes', 'int', 1));
    const { service, report } = await reporting([], { datafile: path });
    const read = () => [service.get('same'), service.get('changes')];
    read();
    await publish(constant('same', 'int', 1), constant('changes', 'int', 2));
    await service.refresh();
    expect(read()).toEqual([1, 2]);
    const events = await report();
    expect(counters(events, 'same')).toEqual([expect.objectContaining({ count: 2 })]);
    expect(counters(events, 'changes').map((each) => [each.selectedValue, each.count])).toEqual([
      [{ int: 1 }, 1],
      [{ int: 2 }, 1],
    ]);
  });
});

describe('reported contexts', () => {
  const flag = constant('flag', 'bool', true);

  it('contexts are recorded only for known keys, and once per object', async () => {
    const { service, report } = await reporting([flag]);
    service.get('unknown', { other: { key: 'x' } });
    const accesses = vi.fn(() => 'pro');
    const contexts = {
      user: {
        key: 'u',
        get plan() {
          return accesses();
        },
      },
    };
    for (let read = 0; read < 10; read++) service.get('flag', contexts);
    const { contextShapes, exampleContexts } = await report();
    expect(contextShapes.shapes).toEqual([{ name: 'user', fieldTypes: { key: 2, plan: 2 } }]);
    expect(exampleContexts.examples).toHaveLength(1);
    expect(accesses.mock.calls.length).toBeLessThanOrEqual(2);
  });

  it('contexts are reported as merged for the read: the innermost of each name', async () => {
    const { service, report } = await reporting([flag], {
      globalContext: { user: { key: 'global', global: 1 }, app: { version: '1.0' } },
    });
    service
      .withContext({ user: { key: 'bound', bound: 1 } })
      .get('flag', { user: { key: 'call' } });
    const { contextShapes, exampleContexts } = await report();
    expect(contextShapes.shapes).toEqual([
      { name: 'user', fieldTypes: { key: 2 } },
      { name: 'app', fieldTypes: { version: 2 } },
    ]);
    expect(exampleContexts.examples[0].contextSet.contexts).toEqual([
      { type: 'user', values: { key: 'call' } },
      { type: 'app', values: { version: '1.0' } },
    ]);
  });

  it('contexts are reported as they were at the time of the read', async () => {
    const { service, report } = await reporting([flag]);
    const user = { key: 'u', tags: ['a'] };
    service.get('flag', { user });
    user.tags.push('b');
    user.key = 'changed';
    const { exampleContexts } = await report();
    expect(exampleContexts.examples[0].contextSet.contexts).toEqual([
      { type: 'user', values: { key: 'u', tags: ['a'] } },
    ]);
  });

  it('a context that throws, on first access or later, never affects the read or its count', async () => {
    const { service, report } = await reporting([flag]);
    for (let calm = 0; calm < 8; calm++) {
      let accesses = 0;
      const access = <T>(answer: T): T => {
        if (accesses++ >= calm) throw new Error('no');
        return answer;
      };
      const flaky = new Proxy(
        { key: `u-${calm}`, plan: 'pro' },
        {
          ownKeys: (target) => access(Reflect.ownKeys(target)),
          get: (target, name) => access(Reflect.get(target, name) as unknown),
          getOwnPropertyDescriptor: (target, name) =>
            access(Reflect.getOwnPropertyDescriptor(target, name)),
        },
      );
      expect(service.get('flag', { user: flaky })).toBe(true);
      expect(service.get('flag', flaky as never)).toBe(true);
    }
    expect(counters(await report(), 'flag')[0]!.count).toBe(16);
  });

  it('redactContext receives copies, and only what it returns is reported', async () => {
    const log = new RecordingLogger();
    const { service, report } = await reporting([flag], {
      logger: log,
      redactContext: (name, properties) => {
        if (name === 'bad') throw new Error('secret detail');
        if (name === 'request') return undefined;
        delete properties['email'];
        return properties;
      },
    });
    const contexts = {
      user: { key: 'u', email: 'u@example.com' },
      request: { key: 'r' },
      bad: { key: 'b' },
    };
    service.get('flag', contexts);
    service.get('flag', { ...contexts });
    expect(contexts.user.email).toBe('u@example.com');
    const { contextShapes, exampleContexts } = await report();
    expect(contextShapes.shapes).toEqual([{ name: 'user', fieldTypes: { key: 2 } }]);
    expect(exampleContexts.examples[0].contextSet.contexts).toEqual([
      { type: 'user', values: { key: 'u' } },
    ]);
    expect(log.messages('warn').filter((line) => line.includes('redactContext'))).toHaveLength(1);
    expect(log.messages().join()).not.toContain('secret detail');
  });
});

describe('telemetry that is off', () => {
  it.each<[string, Partial<QuonfigModuleOptions>]>([
    ['without an SDK key', { sdkKey: undefined }],
    [
      'with every collector disabled',
      { collectEvaluationSummaries: false, contextUploadMode: 'none' },
    ],
  ])('telemetry sends nothing %s', async (_, options) => {
    setEnv({ QUONFIG_BACKEND_SDK_KEY: undefined });
    const { service, stub } = await reporting([constant('flag', 'bool', true)], options);
    service.get('flag', { user: { key: 'u' } });
    await service.flush();
    await service.close();
    expect(stub.requests).toEqual([]);
    expect(service.health().telemetry).toBe('off');
    expect(service.metrics().telemetry).toMatchObject({ state: 'off', batchesSent: 0 });
  });
});
