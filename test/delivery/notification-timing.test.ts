import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ConnectionState } from '../../lib/index.js';
import { resolveOptions } from '../../lib/options/index.js';
import { createParts } from '../../lib/client/parts.js';
import { VirtualNetwork } from '../chaos/support/virtual-network.js';
import { envelopeOf } from '../support/delivery-server.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { connectTo, optionsFor, serve, until } from '../support/networked.js';

const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });
const second = envelopeOf({ generation: 2, values: { greeting: 'bonjour' } });

afterEach(() => void vi.useRealTimers());

describe('an update', () => {
  it('subscribers of an update read which API delivered it', async () => {
    const [primary, secondary] = [await serve({ envelope: first }), await serve()];
    const received: unknown[] = [];
    const { service } = await connectTo(primary, {
      apiUrls: [primary.url, secondary.url],
      enableSSE: false,
      fallbackPollEnabled: false,
    });
    service.updates$.subscribe(() => {
      received.push(service.resolvedFrom(), service.metrics().installsFrom.secondary);
    });
    primary.configs.answerAlways({ status: 503 });
    secondary.publish(second);
    await service.refresh();
    expect(received).toEqual(['secondary', 1]);
  });
});

describe('a primary with a slow error body', () => {
  it('the secondary is queried as soon as the primary returns an error status', async () => {
    const network = new VirtualNetwork();
    network.publish(first);
    await network.start({ enableSSE: false, fallbackPollEnabled: false });
    const slowBody = new ReadableStream<Uint8Array>({ start: () => undefined });
    vi.spyOn(network.primary, 'answer').mockImplementation(
      async () => new Response(slowBody, { status: 503 }),
    );
    network.secondary.envelope = second;
    const before = Date.now();
    await network.service.refresh();
    expect(Date.now()).toBe(before);
    expect(network.service.getString('greeting')).toBe('bonjour');
    expect(network.service.metrics()).toMatchObject({ failovers: 1, hedges: 0 });
  });
});

describe('generation', () => {
  it.each([1e308, 2 ** 53 + 2])(
    'an envelope with generation %d is rejected, because no generation could exceed it',
    async (generation) => {
      const server = await serve({ envelope: first });
      const { service } = await connectTo(server, { enableSSE: false, fallbackPollEnabled: false });
      server.publish(envelopeOf({ generation, values: { greeting: 'for ever' } }));
      await expect(service.refresh()).rejects.toMatchObject({ code: 'invalid_envelope' });
      server.publish(second);
      await service.refresh();
      expect(service.getString('greeting')).toBe('bonjour');
    },
  );
});

describe('suspend', () => {
  it('suspend() aborts a running poll, whose result is not installed', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server, { enableSSE: false, fallbackPollIntervalMs: 50 });
    server.configs.answerAlways('hold');
    await until(() => expect(server.configs.holding).toBe(1));
    const { failedRefreshes } = service.metrics();
    service.suspend();
    server.publish(second);
    server.configs.answerNormally();
    await until(async () => expect(await server.connections()).toBe(0));
    expect(service.getString('greeting')).toBe('hello');
    expect(service.metrics().failedRefreshes).toBe(failedRefreshes);
    await service.resume();
    expect(service.getString('greeting')).toBe('bonjour');
  });

  it('a delivery suspended before start() does not log how changes arrive until resume()', async () => {
    const server = await serve({ envelope: first });
    const logger = new RecordingLogger();
    const options = resolveOptions(optionsFor(server, { logger }));
    const { delivery } = createParts(options);
    await delivery.load();
    delivery.suspend();
    delivery.start();
    expect(logger.lines('info')).toEqual([]);
    await delivery.resume();
    expect(logger.lines('info')[0]).toContain('changes arrive over the stream');
    await delivery.close();
    await expect(delivery.load()).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('updateIfStalerThan', () => {
  it('updateIfStalerThan() measures elapsed time even if the clock is set back', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server, { enableSSE: false, fallbackPollEnabled: false });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 });
    await until(() => expect(service.health().ageMs).toBeGreaterThan(20));
    server.publish(second);
    await service.updateIfStalerThan(20);
    expect(service.getString('greeting')).toBe('bonjour');
  });
});

describe('a terminal failure cleared by reconnect()', () => {
  it('fallback polling starts again after reconnect() has cleared a terminal failure', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server, { fallbackPollIntervalMs: 50 });
    await until(() => expect(service.connectionState()).toBe('connected'));
    server.stream.answerNext({ status: 401 });
    server.endStreams();
    await until(() => expect(service.terminalFailure()).toBe(true));
    await service.reconnect();
    await until(() => expect(service.connectionState()).toBe('connected'));
    server.stream.answerAlways({ status: 503 });
    server.dropStreams();
    server.publish(second);
    await until(() => expect(service.getString('greeting')).toBe('bonjour'));
    expect(service.connectionState()).toBe('falling_back');
  });
});

describe('close', () => {
  it('close() leaves no timer behind during fallback polling', async () => {
    const network = new VirtualNetwork();
    network.publish(first);
    await network.start();
    const { service } = network;
    network.stream.inject({ refuse: true });
    await vi.advanceTimersByTimeAsync(200_000);
    expect(service.fallbackPollerActive()).toBe(true);
    const states: ConnectionState[] = [];
    service.connectionState$.subscribe((state) => states.push(state));
    await service.close();
    network.stream.close();
    expect(vi.getTimerCount()).toBe(0);
    expect(states).toEqual(['falling_back', 'disconnected']);
  });
});
