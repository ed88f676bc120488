import { describe, expect, it } from 'vitest';
import type { ConnectionState } from '../../lib/index.js';
import { envelopeOf } from '../support/delivery-server.js';
import { connectTo, proxyTo, serve, until } from '../support/networked.js';

const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });
const second = envelopeOf({ generation: 2, values: { greeting: 'bonjour' } });

describe('connectionState', () => {
  it('connectionState follows the stream, fallback polling and close()', async () => {
    const server = await serve({ envelope: first });
    const proxy = await proxyTo(server);
    const { service } = await connectTo(server, {
      streamUrl: proxy.url,
      fallbackPollIntervalMs: 100,
    });
    const states: ConnectionState[] = [];
    service.connectionState$.subscribe((state) => {
      states.push(state);
      expect(service.connectionState()).toBe(state);
    });
    await until(() => expect(service.connectionState()).toBe('connected'));
    await proxy.refuse();
    await until(() => expect(service.connectionState()).toBe('disconnected'));
    await until(() => expect(service.connectionState()).toBe('falling_back'));
    expect(service.fallbackPollerActive()).toBe(true);
    server.publish(second);
    await until(() => expect(service.getString('greeting')).toBe('bonjour'));
    await proxy.restore();
    await until(() => expect(service.connectionState()).toBe('connected'));
    expect(service.fallbackPollerActive()).toBe(false);
    await service.close();
    expect(states).toEqual([
      'disconnected',
      'connected',
      'disconnected',
      'falling_back',
      'connected',
      'disconnected',
    ]);
  });

  it('fallback polling starts immediately when the stream is unreachable', async () => {
    const server = await serve({ envelope: first });
    const proxy = await proxyTo(server);
    await proxy.refuse();
    const { service, log } = await connectTo(server, { streamUrl: proxy.url });
    await until(() => expect(service.connectionState()).toBe('falling_back'));
    expect(log.lines('warn').filter((line) => line.includes('Polling'))).toHaveLength(1);
    expect(service.sseFailedOverToSecondary()).toBe(false);
  });
});

describe('suspend', () => {
  it('suspend() ends the stream immediately while reads continue', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server);
    await until(() => expect(service.connectionState()).toBe('connected'));
    service.suspend();
    expect(service.connectionState()).toBe('disconnected');
    service.suspend();
    await until(() => expect(server.openStreams).toBe(0));
    server.publish(second);
    expect(service.getString('greeting')).toBe('hello');

    await service.resume();
    expect(service.getString('greeting')).toBe('bonjour');
    await until(() => expect(service.connectionState()).toBe('connected'));
    expect(server.streamsOpened).toBe(2);
  });

  it('suspend() ends polling, and resume() restarts it', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server, { enableSSE: false, fallbackPollIntervalMs: 20 });
    service.suspend();
    expect(service.fallbackPollerActive()).toBe(false);
    expect(service.connectionState()).toBe('disconnected');
    await service.resume();
    expect(service.connectionState()).toBe('falling_back');
    server.publish(second);
    await until(() => expect(service.getString('greeting')).toBe('bonjour'));
  });

  it('a suspension ends only after a request has succeeded', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server, { enableSSE: false, fallbackPollEnabled: false });
    expect(service.connectionState()).toBe('connected');
    service.suspend();
    server.configs.answerNext({ status: 500 }, { status: 500 });
    await expect(service.resume()).rejects.toThrow();
    expect(service.connectionState()).toBe('disconnected');
    await service.refresh();
    expect(service.connectionState()).toBe('connected');
  });

  it('refresh() works while the service is suspended', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server);
    service.suspend();
    server.publish(second);
    await service.refresh();
    expect(service.getString('greeting')).toBe('bonjour');
    expect(service.connectionState()).toBe('disconnected');
  });
});

describe('close', () => {
  it('close() ends every connection, installs nothing afterwards and keeps serving reads', async () => {
    const server = await serve({ envelope: first });
    let updates = 0;
    const { service } = await connectTo(server, { onConfigUpdate: () => updates++ });
    await until(() => expect(service.connectionState()).toBe('connected'));
    server.configs.answerAlways('hold');
    const refreshing = service.refresh().catch((reason: unknown) => reason);
    await until(() => expect(server.configs.holding).toBe(1));

    const closing = service.close();
    expect(service.connectionState()).toBe('disconnected');
    await closing;
    expect(await refreshing).toMatchObject({ code: 'closed' });
    server.configs.answerNormally();
    await until(() => expect(server.openStreams).toBe(0));
    server.publish(second);
    expect(updates).toBe(1);
    expect(service.getString('greeting')).toBe('hello');
    expect(service.ready()).toBe(true);
    expect(service.configInstallCount()).toBe(1);
  });

  it('close() can be called repeatedly, even from its own callbacks', async () => {
    const server = await serve({ envelope: first });
    let closings = 0;
    const { service } = await connectTo(server, {
      onSSEConnectionStateChange: async (state) => {
        if (state !== 'disconnected') return;
        closings++;
        await service.close();
      },
    });
    await until(() => expect(service.connectionState()).toBe('connected'));
    await Promise.all([service.close(), service.close()]);
    await service.close();
    expect(closings).toBe(1);
  });

  it('suspend() and resume() have no effect after close()', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server);
    await service.close();
    service.suspend();
    await expect(service.resume()).rejects.toMatchObject({ code: 'closed' });
    await until(() => expect(server.openStreams).toBe(0));
    expect(service.connectionState()).toBe('disconnected');
  });

  it('close() completes while the stream hangs or waits for its next attempt', async () => {
    const server = await serve({ envelope: first });
    server.stream.answerAlways('hold');
    const hanging = await connectTo(server);
    await until(() => expect(server.stream.holding).toBe(1));
    await hanging.service.close();
    server.stream.answerAlways({ status: 503 });
    const waiting = await connectTo(server);
    await until(() => expect(waiting.service.metrics().restarts.stream.worker_throw).toBe(1));
    await waiting.service.close();
    const requests = server.stream.requests.length;
    await until(() => expect(server.openStreams).toBe(0));
    expect(server.stream.requests).toHaveLength(requests);
  });
});
