import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { QuonfigModule } from '../../lib/index.js';
import {
  QuonfigRelayModule,
  type QuonfigRelayOptions,
  type QuonfigRelayOptionsFactory,
} from '../../lib/relay/index.js';
import { setEnv } from '../support/configs.js';
import { envelopeOf } from '../support/delivery-server.js';
import { ADAPTERS, application, get, RELAY_KEY } from './support/relays.js';

const quonfig = QuonfigModule.forRoot({
  datafile: envelopeOf({ generation: 3 }),
});

async function failure(options: unknown): Promise<{ code: string; message: string }> {
  return application({
    imports: [quonfig, QuonfigRelayModule.register(options as QuonfigRelayOptions)],
  }).then(
    () => expect.fail('the application started'),
    (error) => error,
  );
}

describe('the options of a relay', () => {
  it('every invalid option is named in one error, without quoting a key', async () => {
    const error = await failure({
      keys: [
        RELAY_KEY,
        'short_secret',
        { key: `${RELAY_KEY}x`, environment: 7 },
        RELAY_KEY,
        `${RELAY_KEY}y\n`,
      ],
      path: '/relay/:id',
      datadir: '',
      environment: 5,
      generation: 'newest',
      maxConnections: 0,
      heartbeat: 3,
    });
    expect(error.code).toBe('invalid_options');
    const names = [...error.message.matchAll(/option "([^"]+)"/g)].map(([, name]) => name);
    expect(names).toEqual([
      'heartbeat',
      'keys[1]',
      'keys[2].environment',
      'keys[3]',
      'keys[4]',
      'path',
      'datadir',
      'environment',
      'generation',
      'maxConnections',
    ]);
    expect(error.message).not.toContain('short_secret');
  });

  it('invalid options of evaluations, telemetry and hints are named, too', async () => {
    setEnv({ QUONFIG_BACKEND_SDK_KEY: undefined });
    const error = await failure({
      keys: [RELAY_KEY],
      evaluations: {
        keys: ['short_secret'],
        origins: ['https://app.example.com/path'],
        contexts: {},
      },
      telemetry: { url: 'telemetry.example.com' },
      hints: { redis: 'redis://cache:6379' },
    });
    const names = [...error.message.matchAll(/option "([^"]+)"/g)].map(([, name]) => name);
    expect(names).toEqual([
      'evaluations.keys[0]',
      'evaluations.origins',
      'evaluations.contexts',
      'telemetry.sdkKey',
      'telemetry.url',
      'hints',
    ]);
    expect(error.message).not.toContain('short_secret');
  });

  it('a server key is refused as a browser key, which anybody can read', async () => {
    const evaluations = {
      keys: [{ key: RELAY_KEY, environment: 'production' }],
    };
    const { message } = await failure({ keys: [RELAY_KEY], evaluations });
    expect(message).toContain('option "evaluations.keys"');
    expect(message).not.toContain(RELAY_KEY);
  });

  it.each([[undefined], [{}], [{ keys: 'relay_key_0123456789' }]])(
    'options without a list of keys are refused: %j',
    async (options) => {
      expect(await failure(options)).toMatchObject({
        code: 'invalid_options',
        message: expect.stringContaining('a list of keys, or an Observable of lists'),
      });
    },
  );

  it('a relay without a service and without a directory does not start', async () => {
    @Module({ imports: [QuonfigRelayModule.register({ keys: [RELAY_KEY] })] })
    class AppModule {}
    const started = NestFactory.create(AppModule, {
      logger: false,
      abortOnError: false,
    });
    await expect(started).rejects.toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining('Import QuonfigModule'),
    });
  });

  it('options can come from a factory, or from a class', async () => {
    @Injectable()
    class Options implements QuonfigRelayOptionsFactory {
      createQuonfigRelayOptions(): QuonfigRelayOptions {
        return { keys: [RELAY_KEY] };
      }
    }
    for (const options of [
      { useClass: Options },
      { useFactory: () => Promise.resolve({ keys: [RELAY_KEY] }) },
    ]) {
      const { url } = await application({
        imports: [quonfig, QuonfigRelayModule.registerAsync(options)],
      });
      expect((await get(`${url}/api/v2/configs`)).status).toBe(200);
    }
  });

  it('an application without an HTTP server logs that the relay serves nothing', async () => {
    @Module({
      imports: [quonfig, QuonfigRelayModule.register({ keys: [RELAY_KEY] })],
    })
    class AppModule {}
    const lines: string[] = [];
    const record = (message: unknown): void => void lines.push(String(message));
    const logger = { log: record, warn: record, error: record };
    const app = await NestFactory.createApplicationContext(AppModule, {
      logger,
    });
    onTestFinished(() => app.close());
    expect(lines.join('\n')).toContain('serves nothing');
  });

  it.each(ADAPTERS)(
    'two relays with the same path keep an application from starting, on %s',
    async (adapter) => {
      const datafile = envelopeOf({
        generation: 7,
        values: { greeting: 'hello' },
      });
      const starting = application(
        {
          imports: [
            QuonfigModule.forRoot({ datafile }),
            QuonfigRelayModule.register({ keys: [RELAY_KEY] }),
            QuonfigRelayModule.register({ keys: [`${RELAY_KEY}x`] }),
          ],
        },
        adapter,
      );
      await expect(starting).rejects.toMatchObject({
        code: 'invalid_options',
        message: expect.stringContaining('different option "path"'),
      });
    },
  );

  it('a telemetry URL with credentials is refused, because no report could be sent', async () => {
    const telemetry = {
      url: 'https://user:secret@telemetry.example.com',
      sdkKey: 'key',
    };
    const { message } = await failure({ keys: [RELAY_KEY], telemetry });
    expect(message).toContain('"telemetry.url"');
    expect(message).not.toContain('secret');
  });
});
