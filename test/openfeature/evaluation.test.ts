import { ErrorCode, type JsonValue, MultiProvider } from '@openfeature/server-sdk';
import { Logger } from '@nestjs/common';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { QuonfigRead, QuonfigService } from '../../lib/index.js';
import { QuonfigProvider } from '../../lib/openfeature/index.js';
import {
  config,
  constant,
  envelope,
  EnvelopeFile,
  flagWhen,
  rule,
  serviceOf,
  serviceWith,
  setEnv,
  split,
  value,
  when,
  yes,
} from '../support/configs.js';
import { connectTo, serve } from '../support/networked.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { clientFor, clientOf } from './support/client.js';

const pro = when('PROP_IS_ONE_OF', 'user.plan', ['pro']);

const everyType = [
  constant('bool', 'bool', true),
  constant('int', 'int', 5),
  constant('double', 'double', 1.5),
  constant('string', 'string', 'text'),
  constant('json', 'json', { a: [1, null] }),
  constant('string_list', 'string_list', ['a', 'b']),
  constant('duration', 'duration', 'PT90S'),
  constant('log_level', 'log_level', 'INFO'),
];

const types = everyType.map(({ key }) => key);

describe('types of OpenFeature evaluations', () => {
  it.each<[string, JsonValue, Record<string, JsonValue>]>([
    ['Boolean', false, { bool: true }],
    ['String', 'none', { string: 'text', log_level: 'INFO', duration: 'PT90S' }],
    ['Number', -1, { int: 5, double: 1.5, duration: 90_000 }],
    ['Object', {}, { json: { a: [1, null] }, string_list: ['a', 'b'] }],
  ])('a %s evaluation accepts exactly its types', async (name, fallback, accepted) => {
    const client = await clientFor(everyType);
    for (const type of types) {
      const method = `get${name}Details` as 'getObjectDetails';
      const details = await client[method](type, fallback);
      if (type in accepted) {
        expect(details).toMatchObject({ value: accepted[type], reason: 'STATIC' });
        expect(details).not.toHaveProperty('errorCode');
        expect(details).not.toHaveProperty('errorMessage');
      } else {
        expect(details).toMatchObject({
          value: fallback,
          reason: 'ERROR',
          errorCode: ErrorCode.TYPE_MISMATCH,
          errorMessage: expect.stringContaining(`declared as ${type}`),
        });
      }
    }
  });

  it('a JSON null is a value, not the default', async () => {
    const client = await clientFor([constant('it', 'json', null)]);
    expect(await client.getObjectDetails('it', { a: 1 })).toMatchObject({
      value: null,
      reason: 'STATIC',
    });
  });

  it('a duration from an environment variable is evaluated as the string of that variable', async () => {
    setEnv({ QUONFIG_TEST_HOLD: 'P1DT0.50S' });
    const provided = value('provided', { lookup: 'QUONFIG_TEST_HOLD' });
    const client = await clientFor([config('hold', 'duration', [rule(provided)])]);
    expect(await client.getStringValue('hold', 'none')).toBe('P1DT0.50S');
    expect(await client.getNumberValue('hold', 0)).toBe(86_400_500);
  });

  it('a malformed duration is an error in a string evaluation too', async () => {
    const client = await clientFor([constant('hold', 'duration', '90 seconds')]);
    expect(await client.getStringDetails('hold', 'PT0S')).toMatchObject({
      value: 'PT0S',
      reason: 'ERROR',
      errorCode: ErrorCode.GENERAL,
    });
  });

  it.each<[string, (provider: QuonfigProvider) => Promise<unknown>]>([
    ['Boolean', (provider) => provider.resolveBooleanEvaluation('bool', false)],
    ['String', (provider) => provider.resolveStringEvaluation('string', '')],
    ['String of a duration', (provider) => provider.resolveStringEvaluation('duration', '')],
    ['Number', (provider) => provider.resolveNumberEvaluation('int', 0)],
    ['Object of a list', (provider) => provider.resolveObjectEvaluation('string_list', [])],
    ['Object of JSON', (provider) => provider.resolveObjectEvaluation('json', {})],
    ['Object of another type', (provider) => provider.resolveObjectEvaluation('bool', {})],
  ])('an evaluation reads once: %s', async (_, evaluate) => {
    const service = await serviceOf(everyType);
    const reads: QuonfigRead[] = [];
    service.reads$.subscribe((read) => reads.push(read));
    await evaluate(new QuonfigProvider(service));
    expect(reads).toHaveLength(1);
  });
});

describe('reasons of OpenFeature evaluations', () => {
  it.each([
    ['STATIC', 'static', constant('it', 'bool', true), true],
    ['TARGETING_MATCH', 'targeting:0', flagWhen('it', pro), true],
    ['TARGETING_MATCH', 'targeting:1', flagWhen('it', when('IS_PRESENT', 'user.none')), false],
    [
      'SPLIT',
      'split:1',
      config('it', 'bool', [
        rule(
          split(
            [
              { weight: 0, value: value('bool', false) },
              { weight: 1, value: yes },
            ],
            'user.id',
          ),
        ),
      ]),
      true,
    ],
    ['DEFAULT', 'default', config('it', 'bool', [rule(yes, when('IS_PRESENT', 'user.x'))]), false],
  ])('reason %s has the variant %s', async (reason, variant, stored, expected) => {
    const client = await clientFor([stored]);
    const details = await client.getBooleanDetails('it', false, {
      targetingKey: 'u-1',
      'user.plan': 'pro',
    });
    expect(details).toMatchObject({ flagKey: 'it', value: expected, reason, variant });
    expect(details).not.toHaveProperty('errorCode');
  });

  it('a key that does not exist is FLAG_NOT_FOUND, with the default and no variant', async () => {
    const client = await clientFor([]);
    const details = await client.getBooleanDetails('nowhere', true);
    expect(details).toMatchObject({
      value: true,
      reason: 'ERROR',
      errorCode: ErrorCode.FLAG_NOT_FOUND,
      errorMessage: expect.stringContaining('"nowhere"'),
    });
    expect(details).not.toHaveProperty('variant');
  });

  it('an unknown key returns the default and never throws, whatever the service options are', async () => {
    const policies = { onNoDefault: 'error', onUnknownKey: 'throw' } as const;
    const provider = new QuonfigProvider(await serviceOf([], policies));
    expect(await provider.resolveStringEvaluation('nowhere', 'x')).toMatchObject({
      value: 'x',
      errorCode: ErrorCode.FLAG_NOT_FOUND,
    });
  });

  it('a value that cannot be resolved is GENERAL, and the message has no secret', async () => {
    setEnv({ QUONFIG_TEST_PORT: 'hunter2' });
    const provided = value('provided', { lookup: 'QUONFIG_TEST_PORT' });
    const client = await clientFor([config('port', 'int', [rule(provided)])]);
    const details = await client.getNumberDetails('port', 80);
    expect(details).toMatchObject({ value: 80, reason: 'ERROR', errorCode: ErrorCode.GENERAL });
    expect(details.errorMessage).toContain('port');
    expect(JSON.stringify(details)).not.toContain('hunter2');
  });

  it('evaluations before the first load are PROVIDER_NOT_READY', async () => {
    const service = await serviceWith({
      datafile: '/nowhere/at/all.json',
      onInitFailure: 'return-defaults',
      logger: new RecordingLogger(),
    });
    const provider = new QuonfigProvider(service);
    for (const resolution of [
      await provider.resolveBooleanEvaluation('it', true),
      await provider.resolveStringEvaluation('it', 'x'),
      await provider.resolveNumberEvaluation('it', 7),
      await provider.resolveObjectEvaluation('it', { a: 1 }),
    ]) {
      expect(resolution).toMatchObject({
        value: expect.anything(),
        reason: 'ERROR',
        errorCode: ErrorCode.PROVIDER_NOT_READY,
      });
    }
  });

  it.each([[undefined], [null], [5], [{}], ['__proto__'], ['constructor'], [Symbol('x')]])(
    'an evaluation of the key %s resolves to the default',
    async (key) => {
      const provider = new QuonfigProvider(await serviceOf(everyType));
      const resolution = provider.resolveStringEvaluation(key as string, 'default');
      await expect(resolution).resolves.toMatchObject({ value: 'default', reason: 'ERROR' });
    },
  );
});

describe('metadata of OpenFeature evaluations', () => {
  it('metadata has the facts of the config and the well-known version, set and context', async () => {
    const stored = envelope([flagWhen('it', pro)], { version: 'v7', environment: 'staging' });
    const client = await clientFor([], {}, { datafile: stored });
    const details = await client.getBooleanDetails('it', false, {
      targetingKey: 'u-1',
      'user.plan': 'pro',
    });
    expect(details.flagMetadata).toEqual({
      version: 'v7',
      flagSetId: 'staging',
      contextId: 'u-1',
      configId: 'id-of-it',
      configType: 'FEATURE_FLAG',
      environment: 'staging',
      ruleIndex: 0,
    });
    expect(Object.isFrozen(details.flagMetadata)).toBe(true);
  });

  it('metadata of an error has the version and the set', async () => {
    const client = await clientFor([]);
    const { flagMetadata } = await client.getBooleanDetails('nowhere', false);
    expect(flagMetadata).toEqual({ version: 'v1', flagSetId: 'production' });
  });

  it('metadata follows an install, even if the provider is not initialized', async () => {
    const file = new EnvelopeFile([constant('it', 'bool', true)]);
    const service = await serviceWith({ datafile: file.path, logger: new RecordingLogger() });
    const provider = new QuonfigProvider(service);
    const version = async (): Promise<unknown> =>
      (await provider.resolveBooleanEvaluation('it', false)).flagMetadata?.['version'];
    expect(await version()).toBe('v1');
    file.set([constant('it', 'bool', false)]);
    await service.refresh();
    expect(await version()).toBe('v2');
  });

  it('metadata has only values that OpenFeature allows, whatever a config contains', async () => {
    const client = await clientFor([{ ...constant('it', 'bool', true), id: { nested: true } }]);
    const { flagMetadata } = await client.getBooleanDetails('it', false);
    for (const entry of Object.values(flagMetadata)) {
      expect(['string', 'number', 'boolean']).toContain(typeof entry);
    }
  });
});

describe('the provider as an object', () => {
  it('the provider is named quonfig, runs on servers, has no hooks and returns its service', async () => {
    const service = await serviceOf([]);
    const provider = new QuonfigProvider(service);
    expect(provider.metadata).toEqual({ name: 'quonfig' });
    expect(provider.runsOn).toBe('server');
    expect(provider).not.toHaveProperty('hooks');
    expect(provider.getClient()).toBe(service);
  });

  it('one error names every unusable argument of the constructor', () => {
    const options = { targetingKeyMapping: '', staleAfterMs: -1, onTrack: 'yes' };
    expect(
      () => new QuonfigProvider(undefined as unknown as QuonfigService, options as never),
    ).toThrow(
      expect.objectContaining({
        code: 'invalid_options',
        problems: [
          expect.stringContaining('service is missing'),
          expect.stringContaining('targetingKeyMapping'),
          expect.stringContaining('staleAfterMs'),
          expect.stringContaining('onTrack'),
        ],
      }),
    );
  });

  it('the provider works inside a MultiProvider', async () => {
    const provider = new QuonfigProvider(await serviceOf([flagWhen('it', pro)]));
    const client = await clientOf(new MultiProvider([{ provider }]));
    expect(await client.getBooleanValue('it', false, { 'user.plan': 'pro' })).toBe(true);
  });

  it('thousands of concurrent evaluations of different users each get their own value', async () => {
    const client = await clientFor([
      flagWhen('even', when('PROP_ENDS_WITH_ONE_OF', 'user.id', ['0', '2', '4', '6', '8'])),
    ]);
    const users = Array.from({ length: 5_000 }, (_, index) => index);
    const values = await Promise.all(
      users.map((user) => client.getBooleanValue('even', false, { targetingKey: String(user) })),
    );
    expect(values).toEqual(users.map((user) => user % 2 === 0));
  });
});

describe('telemetry of OpenFeature evaluations', () => {
  it('each evaluation is reported once, with its mapped contexts', async () => {
    const server = await serve({
      envelope: envelope([flagWhen('it', pro)], { generation: 1 }),
    });
    const { service } = await connectTo(server);
    const client = await clientOf(new QuonfigProvider(service));
    for (const [index, plan] of ['pro', 'free', 'pro'].entries()) {
      await client.getBooleanValue('it', false, {
        targetingKey: `u-${index}`,
        'user.plan': plan,
        '__proto__.x': 1,
        country: 'NO',
      });
    }
    await service.flush();
    const { events } = JSON.parse(server.telemetry.requests[0]!.body.toString()) as {
      events: Record<string, never>[];
    };
    const report = Object.assign({}, ...events) as {
      summaries: { summaries: { key: string; counters: { count: number }[] }[] };
      contextShapes: { shapes: { name: string; fieldTypes: object }[] };
    };
    const [summary] = report.summaries.summaries;
    expect(summary!.key).toBe('it');
    const counts = summary!.counters.map(({ count }) => count);
    expect(counts.sort((one, other) => one - other)).toEqual([1, 2]);
    const shapes = Object.fromEntries(
      report.contextShapes.shapes.map(({ name, fieldTypes }) => [name, Object.keys(fieldTypes)]),
    );
    expect(shapes).toMatchObject({ user: ['id', 'plan'], '': ['country'] });
  });
});

describe('tracking through the provider', () => {
  it('onTrack receives the event, the merged context and the details', async () => {
    const tracked: unknown[] = [];
    const client = await clientFor([], { onTrack: (...event) => void tracked.push(event) });
    client.setContext({ region: 'eu' });
    client.track('checkout', { targetingKey: 'u-1' }, { value: 99, currency: 'EUR' });
    expect(tracked).toEqual([
      ['checkout', { region: 'eu', targetingKey: 'u-1' }, { value: 99, currency: 'EUR' }],
    ]);
  });

  it('without onTrack, tracking does nothing and the provider has no track method', async () => {
    const provider = new QuonfigProvider(await serviceOf([]));
    expect(provider.track).toBeUndefined();
    const client = await clientOf(provider);
    expect(() => client.track('checkout')).not.toThrow();
  });

  it.each([
    ['rejects', () => Promise.reject(new Error('no analytics'))],
    [
      'throws',
      () => {
        throw new Error('no analytics');
      },
    ],
  ])('an onTrack that %s is logged and affects nothing', async (_, onTrack) => {
    const logged = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    onTestFinished(() => logged.mockRestore());
    const unhandled: unknown[] = [];
    const record = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', record);
    onTestFinished(() => void process.off('unhandledRejection', record));
    const client = await clientFor([constant('it', 'bool', true)], { onTrack });
    expect(() => client.track('checkout')).not.toThrow();
    expect(await client.getBooleanValue('it', false)).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).toEqual([]);
    expect(logged).toHaveBeenCalledWith(
      expect.stringMatching(/onTrack failed for the event "checkout": no analytics/),
    );
  });
});
