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

describe('Whoever hears of an install', () => {
  it('is told which address it came from', async () => {
    const [primary, secondary] = [await serve({ envelope: first }), await serve()];
    const heard: unknown[] = [];
    const { service } = await connectTo(primary, {
      apiUrls: [primary.url, secondary.url],
      enableSSE: false,
      fallbackPollEnabled: false,
    });
    service.updates$.subscribe(() => {
      heard.push(service.resolvedFrom(), service.metrics().installsFrom.secondary);
    });
    primary.configs.answerAlways({ status: 503 });
    secondary.publish(second);
    await service.refresh();
    expect(heard).toEqual(['secondary', 1]);
  });
});

describe('A primary that answers with an error, and slowly says why', () => {
  it('is replaced as soon as its status is there', async () => {
    const network = new VirtualNetwork();
    network.publish(first);
    await network.start({ enableSSE: false, fallbackPollEnabled: false });
    const said = new ReadableStream<Uint8Array>({ start: () => undefined });
    vi.spyOn(network.primary, 'answer').mockImplementation(
      async () => new Response(said, { status: 503 }),
    );
    network.secondary.envelope = second;
    const before = Date.now();
    await network.service.refresh();
    expect(Date.now()).toBe(before);
    expect(network.service.getString('greeting')).toBe('bonjour');
    expect(network.service.metrics()).toMatchObject({ failovers: 1, hedges: 0 });
  });
});

describe('A generation', () => {
  it.each([1e308, 2 ** 53 + 2])('of %d is refused: nothing could follow it', async (generation) => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server, { enableSSE: false, fallbackPollEnabled: false });
    server.publish(envelopeOf({ generation, values: { greeting: 'for ever' } }));
    await expect(service.refresh()).rejects.toMatchObject({ code: 'invalid_envelope' });
    server.publish(second);
    await service.refresh();
    expect(service.getString('greeting')).toBe('bonjour');
  });
});

describe('suspend', () => {
  it('breaks off a poll under way: nothing of it is installed', async () => {
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

  it('before the start leaves the log silent about what is not followed', async () => {
    const server = await serve({ envelope: first });
    const logger = new RecordingLogger();
    const options = resolveOptions(optionsFor(server, { logger }));
    const { delivery } = createParts(options);
    await delivery.load();
    delivery.suspend();
    delivery.start();
    expect(logger.lines('info')).toEqual([]);
    await delivery.resume();
    expect(logger.lines('info')[0]).toContain('changes come over the stream');
    await delivery.close();
    await expect(delivery.load()).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('updateIfStalerThan', () => {
  it('goes by the time that has passed, also when the clock is set back', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server, { enableSSE: false, fallbackPollEnabled: false });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 });
    await until(() => expect(service.health().ageMs).toBeGreaterThan(20));
    server.publish(second);
    await service.updateIfStalerThan(20);
    expect(service.getString('greeting')).toBe('bonjour');
  });
});

describe('A refusal that reconnect() has lifted', () => {
  it('leaves polling possible: the next loss of the stream ends in it', async () => {
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
  it('while polls are made leaves no timer', async () => {
    const network = new VirtualNetwork();
    network.publish(first);
    await network.start();
    const { service } = network;
    network.stream.suffer({ refuse: true });
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
