import { describe, expect, it } from 'vitest';
import type { ConnectionState } from '../../lib/index.js';
import { envelopeOf } from '../support/delivery-server.js';
import { connectTo, proxyTo, serve, until } from '../support/networked.js';

const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });
const second = envelopeOf({ generation: 2, values: { greeting: 'bonjour' } });

describe('The connection state', () => {
  it('tells the truth from the start over a fall-back to the end, in four words', async () => {
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

  it('falls back at once when the stream cannot be reached at all', async () => {
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
  it('ends stream and polling, and says so at once; reads go on', async () => {
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

  it('ends polling, which resume begins again', async () => {
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

  it('is over only when something has succeeded again', async () => {
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

  it('does not keep refresh() from working', async () => {
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
  it('ends every connection; nothing is installed or called afterwards, and reads go on', async () => {
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

  it('may be called again, also from the callbacks that it makes', async () => {
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

  it('stops what nothing else would: suspend, resume and start have no effect any more', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server);
    await service.close();
    service.suspend();
    await expect(service.resume()).rejects.toMatchObject({ code: 'closed' });
    await until(() => expect(server.openStreams).toBe(0));
    expect(service.connectionState()).toBe('disconnected');
  });

  it('is done while the stream hangs and while it waits for its next attempt', async () => {
    const server = await serve({ envelope: first });
    server.stream.answerAlways('hold');
    const hanging = await connectTo(server);
    await until(() => expect(server.stream.holding).toBe(1));
    await hanging.service.close();
    server.stream.answerAlways({ status: 503 });
    const waiting = await connectTo(server);
    await until(() => expect(waiting.service.metrics().restarts.stream.worker_throw).toBe(1));
    await waiting.service.close();
    const asked = server.stream.requests.length;
    await until(() => expect(server.openStreams).toBe(0));
    expect(server.stream.requests).toHaveLength(asked);
  });
});
