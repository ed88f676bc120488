import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InvalidOptionsError, type QuonfigModuleOptions } from '../../lib/index.js';
import { keyOfOtherKind } from '../../lib/options/options.messages.js';
import { resolveOptions, type ResolvedOptions } from '../../lib/options/index.js';
import { SdkKey } from '../../lib/requests/index.js';
import { RecordingLogger } from '../support/recording-logger.js';

const sdkKey = 'qf_sk_secret';

function resolved(
  options: QuonfigModuleOptions,
  env: NodeJS.ProcessEnv = {},
): ResolvedOptions & { warnings: string[] } {
  const log = new RecordingLogger();
  return { ...resolveOptions({ logger: log, ...options }, env), warnings: log.messages('warn') };
}

function problemsOf(options: unknown, env: NodeJS.ProcessEnv = {}): readonly string[] {
  try {
    resolveOptions(options as QuonfigModuleOptions, env);
  } catch (error) {
    return (error as InvalidOptionsError).problems;
  }
  return [];
}

describe('network options', () => {
  it('network options have the documented defaults', () => {
    const { network, cluster, warnings } = resolved({ sdkKey });
    expect(network).toEqual({
      sdkKey: expect.any(SdkKey),
      keySource: 'the option sdkKey',
      addresses: {
        apiUrls: ['https://primary.quonfig.com', 'https://secondary.quonfig.com'],
        streamUrl: 'https://stream.primary.quonfig.com',
        telemetryUrl: 'https://telemetry.quonfig.com',
      },
      enableSSE: true,
      fallbackPollEnabled: true,
      fallbackPollIntervalMs: 60_000,
      sseReadDeadlineMs: 90_000,
      maxEnvelopeBytes: 67_108_864,
      configFetchHedgeDelayMs: 2_000,
      configFetchHedgeAbortMs: 6_000,
      onTerminalFailure: 'stop',
      fetch: undefined,
    });
    expect(cluster).toBe('transparent');
    expect(warnings).toEqual([]);
  });

  it('resolveOptions keeps every given network option', () => {
    const given = {
      enableSSE: false,
      fallbackPollEnabled: false,
      fallbackPollIntervalMs: 1,
      sseReadDeadlineMs: 2,
      maxEnvelopeBytes: 3,
      configFetchHedgeDelayMs: 4,
      configFetchHedgeAbortMs: 5,
      onTerminalFailure: 'poll',
      fetch: globalThis.fetch,
    } as const;
    expect(resolved({ sdkKey, ...given }).network).toMatchObject(given);
  });

  it('the environment variables supply an omitted SDK key and domain', () => {
    const env = { QUONFIG_BACKEND_SDK_KEY: 'qf_sk_env', QUONFIG_DOMAIN: 'example.org' };
    const { network } = resolved({}, env);
    expect(network).toMatchObject({
      keySource: 'the variable QUONFIG_BACKEND_SDK_KEY',
    });
    expect(network?.sdkKey.forms()[0]).toBe('qf_sk_env');
    expect(network?.addresses.apiUrls[0]).toBe('https://primary.example.org');
    const given = resolved({ sdkKey, domain: 'example.net' }, env).network;
    expect(given?.sdkKey.forms()[0]).toBe(sdkKey);
    expect(given?.addresses.streamUrl).toBe('https://stream.primary.example.net');
  });

  it('an empty QUONFIG_DOMAIN counts as not set, and other variables have no effect on the URLs', () => {
    const defaults = resolved({ sdkKey }).network?.addresses;
    expect(defaults?.apiUrls[0]).toBe('https://primary.quonfig.com');
    const env = {
      QUONFIG_DOMAIN: '',
      QUONFIG_API_URLS: 'https://a.example',
      QUONFIG_TELEMETRY_URL: 'https://b.example',
    };
    expect(resolved({ sdkKey }, env).network?.addresses).toEqual(defaults);
  });

  it('a trailing line break of the SDK key is removed', () => {
    expect(resolved({ sdkKey: `${sdkKey}\n` }).network?.sdkKey.forms()[0]).toBe(sdkKey);
  });

  it.each([{ datadir: './workspace' }, { datafile: './envelope.json' }])(
    'network options are ignored with %j',
    (local) => {
      expect(resolved({ ...local, sdkKey }).network).toBeUndefined();
      expect(resolved(local, { QUONFIG_BACKEND_SDK_KEY: sdkKey }).network).toBeUndefined();
      expect(resolved(local, { QUONFIG_DOMAIN: 'no domain' }).network).toBeUndefined();
    },
  );

  it('invalid network options are all reported in one error', () => {
    const problems = problemsOf({
      sdkKey: '  ',
      domain: 'https://example.com',
      apiUrls: ['https://a.example', 'ftp://b.example'],
      streamUrl: 'stream.example',
      enableSSE: 1,
      fallbackPollEnabled: 'no',
      fallbackPollIntervalMs: 0,
      sseReadDeadlineMs: Number.NaN,
      maxEnvelopeBytes: 1.5,
      configFetchHedgeDelayMs: -1,
      configFetchHedgeAbortMs: Infinity,
      onTerminalFailure: 'retry',
      onSSEConnectionStateChange: 'log',
      fetch: {},
    });
    expect(new Set(problems.map((line) => line.split(' ')[0]))).toEqual(
      new Set([
        'sdkKey',
        'domain',
        'apiUrls[1]',
        'streamUrl',
        'enableSSE',
        'fallbackPollEnabled',
        'fallbackPollIntervalMs',
        'sseReadDeadlineMs',
        'maxEnvelopeBytes',
        'configFetchHedgeDelayMs',
        'configFetchHedgeAbortMs',
        'onTerminalFailure',
        'onSSEConnectionStateChange',
        'fetch',
      ]),
    );
  });

  it.each([[[]], [null], ['https://a.example'], [[null]]])(
    'resolveOptions rejects the apiUrls %j',
    (apiUrls) => {
      expect(problemsOf({ sdkKey, apiUrls })).toHaveLength(1);
    },
  );

  it('resolveOptions rejects a null domain and an invalid QUONFIG_DOMAIN', () => {
    expect(problemsOf({ sdkKey, domain: null })).toHaveLength(1);
    expect(problemsOf({ sdkKey }, { QUONFIG_DOMAIN: 'no domain' })).toEqual([
      expect.stringContaining('QUONFIG_DOMAIN'),
    ]);
  });

  it('the cluster policies are accepted, and a relative socket directory is made absolute', () => {
    expect(problemsOf({ sdkKey, cluster: 'none' })).toEqual([
      expect.stringContaining('cluster is a string; expected'),
    ]);
    expect(problemsOf({ sdkKey, clusterDirectory: '' })).toHaveLength(1);
    expect(resolved({ sdkKey, cluster: 'suspend-primary' }).cluster).toBe('suspend-primary');
    const { cluster, clusterDirectory } = resolved({
      sdkKey,
      cluster: 'shared',
      clusterDirectory: 'run',
    });
    expect(cluster).toBe('shared');
    expect(clusterDirectory).toBe(join(process.cwd(), 'run'));
  });

  it('the error for an option of another SDK names its replacement', () => {
    expect(
      problemsOf({ sdkKey, enablePolling: false, pollInterval: 5_000, namespace: 'n' }),
    ).toEqual([
      'enablePolling is not an option. Did you mean fallbackPollEnabled?',
      'pollInterval is not an option. Did you mean fallbackPollIntervalMs?',
      'namespace is not an option. Remove it.',
    ]);
  });

  it.each<[string, QuonfigModuleOptions, NodeJS.ProcessEnv, RegExp]>([
    ['a single API URL', { apiUrls: ['https://a.example'] }, {}, /failover is off/],
    [
      'a third API URL',
      { apiUrls: ['https://a.example', 'https://b.example', 'https://c.example'] },
      {},
      /only the first two/,
    ],
    ['a pinned environment', { environment: 'staging' }, {}, /option environment is ignored/],
    [
      'an environment pinned by QUONFIG_ENVIRONMENT',
      {},
      { QUONFIG_ENVIRONMENT: 'staging' },
      /variable QUONFIG_ENVIRONMENT is ignored/,
    ],
    ['dataDirAutoReload', { dataDirAutoReload: true }, {}, /dataDirAutoReload has no effect/],
    ['a short initTimeout', { initTimeout: 6_000 }, {}, /initTimeout \(6000 ms\) is not above/],
    [
      'a browser key',
      { sdkKey: 'qf_pk_secret' },
      {},
      /key in the option sdkKey begins with qf_pk_/,
    ],
  ])('resolveOptions warns about %s and continues', (_, options, env, expected) => {
    const { network, warnings } = resolved({ sdkKey, ...options }, env);
    expect(network).toBeDefined();
    expect(warnings).toEqual([expect.stringMatching(expected)]);
    expect(warnings.join('\n')).not.toContain('secret');
  });

  it('a browser key is reported with its variable, and also if it is used for telemetry only', () => {
    const env = { QUONFIG_BACKEND_SDK_KEY: 'qf_pk_secret' };
    const expected = [keyOfOtherKind('qf_pk_', 'the variable QUONFIG_BACKEND_SDK_KEY')];
    expect(resolved({}, env).warnings).toEqual(expected);
    expect(resolved({ datadir: '.' }, env).warnings).toEqual(expected);
    const off = { collectEvaluationSummaries: false, contextUploadMode: 'none' } as const;
    expect(resolved({ datadir: '.', ...off }, env).warnings).toEqual([]);
  });
});
