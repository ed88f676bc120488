import { OpenFeature, ProviderEvents, ProviderStatus } from '@openfeature/server-sdk';
import { describe, expect, it, onTestFinished } from 'vitest';
import { QuonfigProvider } from '../../lib/openfeature/index.js';
import { constant, EnvelopeFile, serviceOf, serviceWith } from '../support/configs.js';
import { envelopeOf, SDK_KEY } from '../support/delivery-server.js';
import { connectTo, serve, until } from '../support/networked.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { clientOf, newDomain, recordEvents, typesOf } from './support/client.js';

const { Ready, Error: Failed, ConfigurationChanged } = ProviderEvents;

const published = (generation: number): ReturnType<typeof envelopeOf> =>
  envelopeOf({ generation, values: { greeting: `hello ${generation}` } });

/** Lets the provider begin to follow the state of its service. */
const eventLoop = (): Promise<void> =>
  new Promise((done) => setImmediate(() => setImmediate(done)));

describe('configuration changes', () => {
  it('an install emits PROVIDER_CONFIGURATION_CHANGED with the keys that changed', async () => {
    const file = new EnvelopeFile([
      constant('same', 'bool', true),
      constant('changing-flag', 'bool', true),
      constant('old', 'bool', true),
    ]);
    const service = await serviceWith({ datafile: file.path, logger: new RecordingLogger() });
    const client = await clientOf(new QuonfigProvider(service));
    const events = recordEvents(client);
    file.set([
      constant('same', 'bool', true),
      constant('changing-flag', 'bool', false),
      constant('new', 'bool', true),
    ]);
    await service.refresh();
    expect(typesOf(events)).toEqual([Ready, ConfigurationChanged]);
    expect(events[1]!.details).toMatchObject({
      providerName: 'quonfig',
      flagsChanged: ['new', 'changing-flag', 'old'],
      metadata: { version: 'v2', environment: 'production' },
    });
    expect(client.providerStatus).toBe(ProviderStatus.READY);
  });

  it('the value that an event announces is evaluated within its handler', async () => {
    const file = new EnvelopeFile([constant('it', 'bool', false)]);
    const service = await serviceWith({ datafile: file.path, logger: new RecordingLogger() });
    const client = await clientOf(new QuonfigProvider(service));
    const value = new Promise((resolve) => {
      client.addHandler(ConfigurationChanged, () => resolve(client.getBooleanValue('it', false)));
    });
    file.set([constant('it', 'bool', true)]);
    await service.refresh();
    expect(await value).toBe(true);
  });

  it('a handler that throws affects neither the service nor other handlers', async () => {
    const file = new EnvelopeFile([constant('it', 'bool', false)]);
    const log = new RecordingLogger();
    const service = await serviceWith({ datafile: file.path, logger: log });
    const client = await clientOf(new QuonfigProvider(service));
    OpenFeature.setLogger(log);
    let called = 0;
    client.addHandler(ConfigurationChanged, () => {
      throw new Error('hostile');
    });
    client.addHandler(ConfigurationChanged, () => void called++);
    file.set([constant('it', 'bool', true)]);
    await service.refresh();
    expect(called).toBe(1);
    expect(service.metrics().callbackErrors).toBe(0);
    expect(await client.getBooleanValue('it', false)).toBe(true);
  });
});

describe('the first event', () => {
  it('setting a provider on a loaded service emits PROVIDER_READY once and nothing else', async () => {
    const domain = newDomain();
    onTestFinished(() => OpenFeature.clearProviders());
    const client = OpenFeature.getClient(domain);
    const events = recordEvents(client);
    await OpenFeature.setProviderAndWait(domain, new QuonfigProvider(await serviceOf([])));
    await eventLoop();
    expect(typesOf(events)).toEqual([Ready]);
  });

  it('a provider set before the first load has finished fails, then is ready when configs arrive', async () => {
    const server = await serve({ envelope: published(1) });
    server.configs.answerAlways({ status: 503 });
    server.stream.answerAlways({ status: 503 });
    const { service } = await connectTo(server, {
      initTimeout: 50,
      onInitFailure: 'return-defaults',
      fallbackPollIntervalMs: 30,
    });
    const domain = newDomain();
    onTestFinished(() => OpenFeature.clearProviders());
    const client = OpenFeature.getClient(domain);
    const events = recordEvents(client);
    await expect(
      OpenFeature.setProviderAndWait(domain, new QuonfigProvider(service)),
    ).rejects.toMatchObject({ code: 'PROVIDER_NOT_READY' });
    expect(client.providerStatus).toBe(ProviderStatus.ERROR);
    expect(await client.getStringDetails('greeting', 'none')).toMatchObject({
      value: 'none',
      errorCode: 'PROVIDER_NOT_READY',
    });

    server.configs.answerNormally();
    server.stream.answerNormally();

    await until(() => expect(client.providerStatus).toBe(ProviderStatus.READY));
    expect(await client.getStringValue('greeting', 'none')).toBe('hello 1');
    await eventLoop();
    expect(typesOf(events)).toEqual([Failed, Ready]);
    server.publish(published(2));
    await until(() => expect(typesOf(events)).toEqual([Failed, Ready, ConfigurationChanged]));
  });

  it('a key that is refused before the first load is fatal, until reconnect() succeeds', async () => {
    const server = await serve({ envelope: published(1) });
    server.configs.answerAlways({ status: 401 });
    server.stream.answerAlways({ status: 401 });
    const { service } = await connectTo(server, { onInitFailure: 'return-defaults' });
    await until(() => expect(service.terminalFailure()).toBe(true));
    const domain = newDomain();
    onTestFinished(() => OpenFeature.clearProviders());
    const client = OpenFeature.getClient(domain);
    await expect(
      OpenFeature.setProviderAndWait(domain, new QuonfigProvider(service)),
    ).rejects.toMatchObject({ code: 'PROVIDER_FATAL' });
    expect(client.providerStatus).toBe(ProviderStatus.FATAL);
    expect(await client.getStringDetails('greeting', 'none')).toMatchObject({
      value: 'none',
      errorCode: 'PROVIDER_FATAL',
    });

    server.configs.answerNormally();
    server.stream.answerNormally();
    await service.reconnect();

    expect(client.providerStatus).toBe(ProviderStatus.READY);
    expect(await client.getStringValue('greeting', 'none')).toBe('hello 1');
  });

  it('a provider that is set after the key was refused becomes ready, then reports the error', async () => {
    const server = await serve({ envelope: published(1) });
    server.stream.answerAlways({ status: 403 });
    const { service } = await connectTo(server);
    await until(() => expect(service.terminalFailure()).toBe(true));
    const client = await clientOf(new QuonfigProvider(service));
    const events = recordEvents(client);
    await until(() => expect(client.providerStatus).toBe(ProviderStatus.ERROR));
    expect(typesOf(events)).toEqual([Ready, Failed]);
  });
});

describe('a terminal failure', () => {
  it('a refused key emits PROVIDER_ERROR, evaluations go on, and reconnect() emits PROVIDER_READY', async () => {
    const server = await serve({ envelope: published(1) });
    const { service } = await connectTo(server);
    await until(() => expect(service.connectionState()).toBe('connected'));
    const client = await clientOf(new QuonfigProvider(service));
    const events = recordEvents(client);
    await eventLoop();

    server.revoke();

    await until(() => expect(typesOf(events)).toEqual([Ready, Failed]));
    expect(events[1]!.details.message).toContain('reconnect()');
    expect(client.providerStatus).toBe(ProviderStatus.ERROR);
    expect(await client.getStringDetails('greeting', 'none')).toMatchObject({
      value: 'hello 1',
      reason: 'STATIC',
    });

    server.allow(SDK_KEY, 'production');
    await service.reconnect();
    await until(() => expect(client.providerStatus).toBe(ProviderStatus.READY));
    expect(typesOf(events)).toEqual([Ready, Failed, Ready]);
  });

  it('a refused stream that polling replaces is not an error', async () => {
    const server = await serve({ envelope: published(1) });
    server.stream.answerAlways({ status: 403 });
    const { service } = await connectTo(server, { onTerminalFailure: 'poll' });
    await until(() => expect(service.terminalFailure()).toBe(true));
    const client = await clientOf(new QuonfigProvider(service));
    await eventLoop();
    expect(service.connectionState()).toBe('falling_back');
    expect(client.providerStatus).toBe(ProviderStatus.READY);
  });
});
