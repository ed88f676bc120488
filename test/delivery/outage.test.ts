import { describe, expect, it } from 'vitest';
import { envelopeOf, SDK_KEY } from '../support/delivery-server.js';
import { connectTo, proxyTo, serve, until } from '../support/networked.js';

const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });
const second = envelopeOf({ generation: 2, values: { greeting: 'bonjour' } });

describe('an outage', () => {
  it('an outage logs each kind of failure once, however many polls fail, and its end once', async () => {
    const server = await serve({ envelope: first });
    const proxy = await proxyTo(server);
    const { service, log } = await connectTo(proxy, { fallbackPollIntervalMs: 30 });
    await until(() => expect(service.connectionState()).toBe('connected'));
    // A slow machine may have polled while it waited for the stream.
    log.clear();
    await proxy.refuse();
    await until(() => expect(service.metrics().restarts.poll.worker_throw).toBeGreaterThan(5));
    const warned = (about: RegExp): string[] =>
      log.lines('warn').filter((line) => about.test(line));
    expect(warned(/A poll for configs failed/)).toHaveLength(1);
    expect(warned(/Polling for configs every/)).toHaveLength(1);
    expect(warned(/The stream from .* failed/).length).toBeLessThanOrEqual(2);

    server.publish(second);
    await proxy.restore();
    await until(() => expect(service.connectionState()).toBe('connected'));
    await until(() => expect(service.getString('greeting')).toBe('bonjour'));
    const logged = log.lines('info').filter((line) => line.includes('Polling for configs stopped'));
    expect(logged).toHaveLength(1);
    expect(log.lines('error')).toEqual([]);
    expect(log.text).not.toContain(SDK_KEY);
  });

  it('the stream connects on the attempt after a 503 response', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server);
    await until(() => expect(service.connectionState()).toBe('connected'));
    server.stream.answerNext({ status: 503 });
    server.dropStreams();
    await until(() => expect(server.streamsOpened).toBe(2));
    await until(() => expect(service.connectionState()).toBe('connected'));
    expect(service.terminalFailure()).toBe(false);
    expect(service.metrics().restarts.stream.worker_throw).toBe(2);
  });

  it('a silent stream reconnects at the read deadline', async () => {
    const server = await serve({ envelope: first });
    const proxy = await proxyTo(server);
    const { service } = await connectTo(server, {
      streamUrl: proxy.url,
      sseReadDeadlineMs: 200,
    });
    await until(() => expect(service.connectionState()).toBe('connected'));
    proxy.blackHole();
    await until(() => expect(service.metrics().restarts.stream.read_timeout).toBeGreaterThan(0));
    expect(service.connectionState()).not.toBe('connected');
    server.publish(second);
    await proxy.restore();
    await until(() => expect(service.getString('greeting')).toBe('bonjour'));
  });

  it('an envelope that is too large is logged, and later ones are installed', async () => {
    const server = await serve({ envelope: first });
    const { service, log } = await connectTo(server, { maxEnvelopeBytes: 2_000 });
    await until(() => expect(service.connectionState()).toBe('connected'));
    server.publish(envelopeOf({ generation: 2, values: { greeting: 'x'.repeat(5_000) } }));
    await until(() => expect(log.text).toContain('raise maxEnvelopeBytes'));
    expect(service.getString('greeting')).toBe('hello');
    server.publish(envelopeOf({ generation: 3, values: { greeting: 'short' } }));
    await until(() => expect(service.getString('greeting')).toBe('short'));
  });
});

describe('two APIs with different envelopes', () => {
  it('an older envelope of the secondary is dropped while the primary is down', async () => {
    const primary = await serve({ envelope: second });
    const secondary = await serve({ envelope: first });
    const { service } = await connectTo(primary, {
      apiUrls: [primary.url, secondary.url],
      enableSSE: false,
      fallbackPollEnabled: false,
    });
    primary.configs.answerAlways({ status: 503 });
    await service.refresh();
    expect(service.heldGeneration()).toBe(2);
    expect(service.metrics()).toMatchObject({ guardRejected: 1, installs: 1, failovers: 1 });
    expect(service.resolvedFrom()).toBe('primary');
  });

  it('the secondary is not queried while the primary answers', async () => {
    const primary = await serve({ envelope: first });
    const secondary = await serve({ envelope: second });
    const { service } = await connectTo(primary, {
      apiUrls: [primary.url, secondary.url],
      enableSSE: false,
    });
    await service.refresh();
    expect(secondary.configs.requests).toHaveLength(0);
    expect(service.heldGeneration()).toBe(1);
    expect(service.configInstallCount()).toBe(1);
  });
});

describe('a failing primary whose secondary answers', () => {
  it('a failing primary is logged once, and so is its recovery', async () => {
    const [primary, secondary] = [
      await serve({ envelope: first }),
      await serve({ envelope: first }),
    ];
    primary.configs.answerAlways({ status: 503 });
    const { service, log } = await connectTo(primary, {
      apiUrls: [primary.url, secondary.url],
      enableSSE: false,
      fallbackPollEnabled: false,
    });
    await service.refresh();
    await service.refresh();
    const about = (): string[] => log.lines().filter((line) => line.includes('primary API'));
    expect(about()).toEqual([
      expect.stringMatching(/^warn The primary API .* the secondary API is serving .*503/),
    ]);
    primary.configs.answerNormally();
    await service.refresh();
    await service.refresh();
    expect(about().slice(1)).toEqual(['info The primary API is serving configs again.']);
    primary.configs.answerAlways({ status: 503 });
    await service.refresh();
    expect(about()).toHaveLength(3);
    expect(log.text).not.toContain(SDK_KEY);
  });

  it('a primary that fails only after the hedged request was answered is logged', async () => {
    const [primary, secondary] = [
      await serve({ envelope: first }),
      await serve({ envelope: first }),
    ];
    const proxy = await proxyTo(primary);
    proxy.hang();
    const { log } = await connectTo(primary, {
      apiUrls: [proxy.url, secondary.url],
      enableSSE: false,
      fallbackPollEnabled: false,
      configFetchHedgeDelayMs: 10,
      configFetchHedgeAbortMs: 1_000,
    });
    await until(() => expect(log.text).toContain('warn The primary API is not serving configs'));
  });

  it('a failing primary is not logged separately while the secondary fails too', async () => {
    const [primary, secondary] = [
      await serve({ envelope: first }),
      await serve({ envelope: first }),
    ];
    const { service, log } = await connectTo(primary, {
      apiUrls: [primary.url, secondary.url],
      enableSSE: false,
      fallbackPollEnabled: false,
    });
    primary.configs.answerAlways({ status: 503 });
    secondary.configs.answerAlways({ status: 503 });
    await expect(service.refresh()).rejects.toThrow('503');
    expect(log.text).not.toContain('primary API');
  });
});

describe('a large envelope', () => {
  it('large envelopes that arrive over HTTP and the stream are installed once, in order', async () => {
    const values = (text: string): Record<string, string> =>
      Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`key-${index}`, text]));
    const server = await serve({ envelope: envelopeOf({ generation: 1, values: values('a') }) });
    const { service } = await connectTo(server);
    await until(() => expect(service.connectionState()).toBe('connected'));
    server.publish(envelopeOf({ generation: 2, values: values('b') }));
    const refreshing = service.refresh();
    server.publish(envelopeOf({ generation: 3, values: values('c') }));
    await refreshing;
    await until(() => expect(service.getString('key-2999')).toBe('c'));
    expect(service.heldGeneration()).toBe(3);
    expect(service.configInstallCount()).toBeLessThanOrEqual(3);
  });
});
