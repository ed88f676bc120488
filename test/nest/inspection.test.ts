import 'reflect-metadata';
import { createCipheriv } from 'node:crypto';
import { inspect, type InspectOptions } from 'node:util';
import { Inject, Injectable, Module } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  InjectQuonfig,
  type LiveValue,
  QuonfigModule,
  QuonfigService,
  type QuonfigUpdate,
} from '../../lib/index.js';
import { config, rule, value } from '../support/configs.js';
import { DeliveryServer, envelopeOf, SDK_KEY } from '../support/delivery-server.js';
import { optionsFor, until } from '../support/networked.js';
import { RecordingLogger } from '../support/recording-logger.js';

const PROVIDED = 'text-of-a-provided-value';
const CONFIDENTIAL = 'text-of-a-confidential-provided-value';
const DECRYPTED = 'text-of-a-decrypted-value';
const KEY = '0123456789abcdef'.repeat(4);
const BASIC = Buffer.from(`1:${SDK_KEY}`).toString('base64').replace(/=+$/, '');
const SECRETS = [PROVIDED, CONFIDENTIAL, DECRYPTED, KEY, SDK_KEY, BASIC];

function encrypted(text: string): string {
  const iv = Buffer.alloc(12, 7);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(KEY, 'hex'), iv);
  const data = Buffer.concat([cipher.update(text), cipher.final()]);
  return [data, iv, cipher.getAuthTag()].map((part) => part.toString('hex')).join('--');
}

const configs = [
  config('provided', 'string', [rule(value('provided', { source: 'ENV_VAR', lookup: 'PLAIN' }))]),
  config('list', 'string_list', [rule(value('provided', { lookup: 'PLAIN' }))]),
  config('confidential', 'string', [
    rule(value('provided', { lookup: 'CONFIDENTIAL' }, { confidential: true })),
  ]),
  config('key', 'string', [rule(value('provided', { lookup: 'KEY' }, { confidential: true }))]),
  config('decrypted', 'string', [
    rule(value('string', encrypted(DECRYPTED), { confidential: true, decryptWith: 'key' })),
  ]),
];

const NEST = new Set([
  'ModuleRef',
  'ModulesContainer',
  'ExternalContextCreator',
  'LazyModuleLoader',
  'HttpAdapterHost',
  'DiscoveryService',
  'MetadataScanner',
  'QUONFIG_LIFECYCLE',
  'quonfig:second:QUONFIG_LIFECYCLE',
  'QUONFIG_REQUEST_ENTRY',
]);
const LONG = { timeout: 120_000 };

@Injectable()
class Reader {
  readonly live: LiveValue<string>;
  readonly bound;
  update: QuonfigUpdate | undefined;

  constructor(
    @Inject(QuonfigService) readonly quonfig: QuonfigService,
    @InjectQuonfig('second') readonly second: QuonfigService,
  ) {
    this.live = quonfig.live<string>('provided');
    this.bound = quonfig.withContext({ user: { key: 'u-1' } });
    quonfig.updates$.subscribe((update) => (this.update = update));
    quonfig.observe('decrypted').subscribe();
    this.live.changes$.subscribe();
  }

  read(): unknown[] {
    return [this.quonfig, this.second, this.bound].flatMap((reader) =>
      ['provided', 'list', 'confidential', 'decrypted'].flatMap((key) => [
        reader.get(key),
        reader.getJSONDetails(key),
        reader.getStringDetails(key),
        reader.explain(key),
      ]),
    );
  }
}

describe('an application with secrets', () => {
  let server: DeliveryServer;
  let app: Awaited<ReturnType<typeof start>>;

  async function start() {
    const options = () =>
      optionsFor(server, { logger: new RecordingLogger(), fallbackPollIntervalMs: 1_000 });
    @Module({
      imports: [
        QuonfigModule.forRoot(options()),
        QuonfigModule.forRootAsync({ name: 'second', useFactory: async () => options() }),
      ],
      providers: [Reader],
    })
    class AppModule {}

    const application = await Test.createTestingModule({ imports: [AppModule] }).compile();
    return application.init();
  }

  beforeAll(async () => {
    vi.stubEnv('PLAIN', PROVIDED).stubEnv('CONFIDENTIAL', CONFIDENTIAL).stubEnv('KEY', KEY);
    server = await DeliveryServer.start({ envelope: envelopeOf({ configs }) });
    app = await start();
    const quonfig = app.get(QuonfigService);
    await until(() => expect(quonfig.connectionState()).toBe('connected'));
    // A report that waits for a retry, and one that is being recorded.
    server.telemetry.answerAlways({ status: 503 });
    app.get(Reader).read();
    await Promise.all([quonfig.flush(), app.get(Reader).second.flush()]);
    server.publish(envelopeOf({ generation: 2, configs: configs.slice() }));
    await until(() => expect(quonfig.heldGeneration()).toBe(2));
    app.get(Reader).read();
  });

  afterAll(async () => {
    await app.close();
    await server.close();
    vi.unstubAllEnvs();
  });

  /** Every object that the container provides, once, by its token. */
  function instances(): [token: string, instance: object][] {
    const wrappers = [...app.get(ModulesContainer).values()].flatMap((module) => [
      ...module.providers.values(),
    ]);
    const tokens = new Map<object, string>();
    for (const { token, instance } of wrappers as { token: unknown; instance: unknown }[]) {
      if (typeof instance !== 'object' || instance === null || tokens.has(instance)) continue;
      tokens.set(instance, typeof token === 'function' ? token.name : String(token));
    }
    return [...tokens].map(([instance, token]) => [token, instance]);
  }

  const everything: InspectOptions = {
    depth: Infinity,
    showHidden: true,
    showProxy: true,
    maxArrayLength: Infinity,
    maxStringLength: Infinity,
  };

  /** The tokens whose inspection contains a secret. */
  function leaking(options: InspectOptions): string[] {
    return instances()
      .filter(([token, instance]) => {
        // Nest's own objects reference the whole container, whose text would be endless.
        const depth = NEST.has(token) ? 4 : options.depth;
        const text = inspect(instance, { ...options, ...(depth !== undefined && { depth }) });
        return SECRETS.some((secret) => text.includes(secret));
      })
      .map(([token]) => token);
  }

  it('the container provides the parts of both instances, and every secret has been read', () => {
    const tokens = instances().map(([token]) => token);
    for (const part of ['QuonfigService', 'ConfigStore', 'QUONFIG_PARTS', 'SseReconnectService']) {
      expect(tokens).toContain(part);
    }
    expect(tokens).toContain('quonfig:second:service');
    expect(tokens.filter((token) => token === 'QUONFIG_MODULE_OPTIONS')).toHaveLength(2);
    const { quonfig, second } = app.get(Reader);
    for (const reader of [quonfig, second]) {
      expect(reader.get('provided')).toBe(PROVIDED);
      expect(reader.get('confidential')).toBe(CONFIDENTIAL);
      expect(reader.get('decrypted')).toBe(DECRYPTED);
      expect(reader.metrics().telemetry.batchesRetained).toBe(1);
    }
  });

  it('no provider shows a secret at any depth, even in hidden properties and getters', LONG, () => {
    expect(leaking({ ...everything, getters: true })).toEqual([]);
  });

  it('no provider shows a secret to inspection that ignores custom methods', LONG, () => {
    expect(leaking({ ...everything, customInspect: false })).toEqual([]);
  });

  it('the dynamic module shows no SDK key', () => {
    const module = QuonfigModule.forRoot({ sdkKey: SDK_KEY, name: 'third' });
    expect(inspect(module, { ...everything, getters: true })).not.toContain(SDK_KEY);
    expect(JSON.stringify(module)).not.toContain(SDK_KEY);
  });

  it('no part of the SDK contains a secret in its JSON', () => {
    const texts = instances()
      .filter(([token]) => !NEST.has(token))
      .map(([token, instance]) => {
        try {
          return [token, JSON.stringify(instance)];
        } catch {
          return [token, 'cyclic'];
        }
      });
    expect(texts.filter(([, text]) => SECRETS.some((secret) => text?.includes(secret)))).toEqual(
      [],
    );
    const { quonfig, second, bound, live, update } = app.get(Reader);
    expect(JSON.parse(JSON.stringify([quonfig, second, bound, live, update]))).toHaveLength(5);
  });
});
