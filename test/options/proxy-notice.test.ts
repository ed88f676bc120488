import { Agent, EnvHttpProxyAgent, getGlobalDispatcher, setGlobalDispatcher } from 'undici';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { QuonfigModuleOptions } from '../../lib/index.js';
import { proxyUnused } from '../../lib/options/options.messages.js';
import { resolveOptions } from '../../lib/options/index.js';
import { RecordingLogger } from '../support/recording-logger.js';

const HOSTS = ['primary.quonfig.com', 'secondary.quonfig.com', 'stream.primary.quonfig.com'];
const sdkKey = 'qf_sk_secret';
const proxy = 'http://user:secret@proxy.example:3128';

function notices(env: NodeJS.ProcessEnv, options: QuonfigModuleOptions = {}): string[] {
  const logger = new RecordingLogger();
  resolveOptions({ sdkKey, logger, ...options }, env);
  return logger.messages('info');
}

describe('the notice about an unused proxy', () => {
  it.each(['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'])(
    'one message says that %s is not used, and for which hosts',
    (variable) => {
      expect(notices({ [variable]: proxy })).toEqual([
        proxyUnused(variable, [...HOSTS, 'telemetry.quonfig.com']),
      ]);
      expect(notices({ [variable]: proxy }).join()).not.toContain('secret');
    },
  );

  it('the proxy notice names only hosts that requests are sent to', () => {
    const off = { collectEvaluationSummaries: false, contextUploadMode: 'none' } as const;
    expect(notices({ HTTPS_PROXY: proxy }, { ...off, enableSSE: false })).toEqual([
      proxyUnused('HTTPS_PROXY', HOSTS.slice(0, 2)),
    ]);
    expect(notices({ HTTPS_PROXY: proxy }, { datadir: '.' })).toEqual([
      proxyUnused('HTTPS_PROXY', ['telemetry.quonfig.com']),
    ]);
    expect(notices({ HTTPS_PROXY: proxy }, { ...off, datadir: '.' })).toEqual([]);
  });

  it.each([
    ['no proxy', {}],
    ['an empty variable', { HTTPS_PROXY: '', HTTP_PROXY: '' }],
    ['NO_PROXY for everything', { HTTPS_PROXY: proxy, NO_PROXY: '*' }],
    ['NO_PROXY for the domain', { HTTPS_PROXY: proxy, NO_PROXY: 'localhost, quonfig.com' }],
    ['NO_PROXY for the subdomains', { HTTPS_PROXY: proxy, no_proxy: '.QUONFIG.com' }],
    ['NO_PROXY with a star', { HTTPS_PROXY: proxy, no_proxy: '*.quonfig.com' }],
    ['NO_PROXY with the port', { HTTPS_PROXY: proxy, no_proxy: 'quonfig.com:443' }],
  ])('nothing is logged with %s', (_, env) => {
    expect(notices(env)).toEqual([]);
  });

  it.each(['quonfig.com:8443', 'example.com', 'onfig.com', ' '])(
    'NO_PROXY=%s does not silence the proxy notice',
    (NO_PROXY) => {
      expect(notices({ HTTPS_PROXY: proxy, NO_PROXY })).toHaveLength(1);
    },
  );

  it('a proxy for https does not apply to http URLs', () => {
    const plain = {
      apiUrls: ['http://a.example', 'http://b.example'],
      streamUrl: 'http://a.example',
      telemetryUrl: 'http://a.example',
    };
    expect(notices({ HTTPS_PROXY: proxy }, plain)).toEqual([]);
    expect(notices({ HTTP_PROXY: proxy }, plain)).toEqual([
      proxyUnused('HTTP_PROXY', ['a.example', 'b.example']),
    ]);
  });

  it('nothing is logged if the option fetch is set', () => {
    expect(notices({ HTTPS_PROXY: proxy }, { fetch: globalThis.fetch })).toEqual([]);
  });

  it.each([{ NODE_USE_ENV_PROXY: '1' }, { NODE_OPTIONS: '--enable-source-maps --use-env-proxy' }])(
    'nothing is logged if Node follows the variables itself because of %j',
    (settings) => {
      const env = { HTTPS_PROXY: proxy, ...settings };
      const flags = vi.spyOn(process, 'allowedNodeEnvironmentFlags', 'get');
      onTestFinished(() => flags.mockRestore());
      flags.mockReturnValue(new Set(['--use-env-proxy']));
      expect(notices(env)).toEqual([]);
      flags.mockReturnValue(new Set());
      // A version of Node that does not know the setting.
      expect(notices(env)).toHaveLength(1);
    },
  );

  it('nothing is logged if the application has set its own agent for the global fetch', () => {
    const before = getGlobalDispatcher();
    onTestFinished(() => setGlobalDispatcher(before));
    setGlobalDispatcher(new EnvHttpProxyAgent({ httpsProxy: proxy }));
    expect(notices({ HTTPS_PROXY: proxy })).toEqual([]);
    setGlobalDispatcher(new Agent());
    expect(notices({ HTTPS_PROXY: proxy })).toHaveLength(1);
  });
});
