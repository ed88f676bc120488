import { describe, expect, it } from 'vitest';
import type { QuonfigService } from '../../lib/index.js';
import { envelopeOf, eventOf, type DeliveryServer } from '../support/delivery-server.js';
import { connectTo, serve, until } from '../support/networked.js';

const older = envelopeOf({ generation: 1 });
const first = envelopeOf({ generation: 2, values: { greeting: 'hello' } });
const second = envelopeOf({ generation: 3, values: { greeting: 'bonjour' } });
const manual = { enableSSE: false, fallbackPollEnabled: false };

/** Returns the time of the last refresh, once the clock has moved past it. */
async function lastRefreshOf(service: QuonfigService): Promise<number> {
  const last = service.lastSuccessfulRefresh()!.getTime();
  await until(() => expect(Date.now()).toBeGreaterThan(last));
  return last;
}

describe('lastSuccessfulRefresh', () => {
  it.each<[string, (server: DeliveryServer) => void]>([
    ['an install', (server) => server.publish(second)],
    ['a response without changes', () => undefined],
    ['an older envelope, which is dropped', (server) => server.publish(older)],
    [
      'an envelope without a generation, which is ignored',
      (server) => server.publish(envelopeOf({ generation: 0 })),
    ],
  ])('lastSuccessfulRefresh advances with %s', async (_, prepare) => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server, manual);
    const before = await lastRefreshOf(service);
    prepare(server);
    await service.refresh();
    expect(service.lastSuccessfulRefresh()!.getTime()).toBeGreaterThan(before);
  });

  it('lastSuccessfulRefresh advances with stream events that change nothing', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server);
    await until(() => expect(service.connectionState()).toBe('connected'));
    for (const envelope of [first, older]) {
      const before = await lastRefreshOf(service);
      server.writeToStreams(eventOf(envelope));
      await until(() => expect(service.lastSuccessfulRefresh()!.getTime()).toBeGreaterThan(before));
    }
    expect(service.configInstallCount()).toBe(1);
  });

  it('lastSuccessfulRefresh ignores comments, failures, invalid bodies and close()', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server);
    await until(() => expect(service.connectionState()).toBe('connected'));
    await until(() => expect(service.metrics().installs).toBe(1));
    const before = await lastRefreshOf(service);
    server.heartbeat();
    server.configs.answerNext({ status: 503 }, 'drop', { status: 200, body: '<html>' }, 'drop');
    await expect(service.refresh()).rejects.toThrow();
    await expect(service.refresh()).rejects.toThrow();
    expect(service.lastSuccessfulRefresh()!.getTime()).toBe(before);
    await service.close();
    expect(service.lastSuccessfulRefresh()!.getTime()).toBe(before);
  });
});

describe('refresh', () => {
  it('a failed refresh keeps the current configs, and the next one succeeds', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server, manual);
    const bad = { status: 200, headers: { etag: '"bad"' }, body: '{"configs":"none"}' };
    server.configs.answerNext(bad, bad);
    server.publish(second);
    await expect(service.refresh()).rejects.toMatchObject({ code: 'invalid_envelope' });
    expect(service.getString('greeting')).toBe('hello');
    expect(service.metrics()).toMatchObject({
      failedRefreshes: 1,
      lastError: expect.stringContaining('cannot be used'),
    });
    await service.refresh();
    expect(service.getString('greeting')).toBe('bonjour');
    expect(server.configs.requests.at(-1)?.headers['if-none-match']).not.toBe('"bad"');
  });

  it('refresh() succeeds when nothing has changed', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server, manual);
    await service.refresh();
    expect(server.configs.requests.at(-1)?.headers['if-none-match']).toBeDefined();
    expect(service.configInstallCount()).toBe(1);
  });

  it('a failed refresh that is not awaited does not end the process', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server, manual);
    server.configs.answerAlways({ status: 500 });
    void service.refresh();
    void service.updateIfStalerThan(0);
    void service.reconnect();
    await until(() => expect(service.metrics().failedRefreshes).toBe(3));
  });

  it('refresh(), resume() and reconnect() reject after close()', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server, manual);
    await service.close();
    await expect(service.refresh()).rejects.toMatchObject({ code: 'closed' });
    await expect(service.resume()).rejects.toMatchObject({ code: 'closed' });
    await expect(service.reconnect()).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('updateIfStalerThan', () => {
  it('updateIfStalerThan() does nothing while the configs are fresh', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server, manual);
    expect(service.updateIfStalerThan(60_000)).toBeUndefined();
    expect(server.configs.requests).toHaveLength(1);
  });

  it('updateIfStalerThan() shares one refresh among concurrent callers', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server, manual);
    server.publish(second);
    const update = service.updateIfStalerThan(0);
    expect(update).toBeInstanceOf(Promise);
    expect(service.updateIfStalerThan(0)).toBe(update);
    await update;
    expect(service.getString('greeting')).toBe('bonjour');
    expect(server.configs.requests).toHaveLength(2);
    await service.updateIfStalerThan(0);
    expect(server.configs.requests).toHaveLength(3);
  });

  it('updateIfStalerThan() rejects when the refresh fails, and can be retried', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server, manual);
    server.configs.answerNext({ status: 500 }, { status: 500 });
    await expect(service.updateIfStalerThan(0)).rejects.toMatchObject({ code: 'http_error' });
    await service.updateIfStalerThan(0);
  });

  it('updateIfStalerThan() does nothing before the first success, after close() and for a datafile', async () => {
    const server = await serve();
    server.configs.answerAlways({ status: 500 });
    const { service } = await connectTo(server, { ...manual, onInitFailure: 'return-defaults' });
    expect(service.updateIfStalerThan(0)).toBeUndefined();
    server.configs.answerNormally();
    await service.refresh();
    await service.close();
    expect(service.updateIfStalerThan(0)).toBeUndefined();
    const local = await connectTo(server, { datafile: first });
    expect(local.service.updateIfStalerThan(0)).toBeUndefined();
  });
});
