import { describe, expect, it } from 'vitest';
import type { TerminalFailure } from '../../lib/index.js';
import { envelopeOf, SDK_KEY } from '../support/delivery-server.js';
import { connectTo, serve, until } from '../support/networked.js';

const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });
const second = envelopeOf({ generation: 2, values: { greeting: 'bonjour' } });
/** Long enough for the stream to answer first, short enough to wait for. */
const quick = { fallbackPollIntervalMs: 200 };

describe('a refused stream', () => {
  it.each([401, 403, 404])(
    'a stream refused with status %i is not reopened, and polling does not start',
    async (status) => {
      const server = await serve({ envelope: first });
      const other = await serve({ envelope: first });
      server.stream.answerAlways({ status, body: SDK_KEY });
      other.stream.answerAlways({ status });
      const { service, log } = await connectTo(server, quick);
      await until(() => expect(service.terminalFailure()).toBe(true));
      const requests = server.configs.requests.length;
      expect(service.connectionState()).toBe('disconnected');
      expect(service.fallbackPollerActive()).toBe(false);
      expect(service.getString('greeting')).toBe('hello');
      expect(service.metrics()).toMatchObject({
        connectAttempts: 1,
        restarts: { stream: { worker_throw: 0, worker_exit: 0, read_timeout: 0 } },
      });
      expect(log.lines('error')).toEqual([expect.stringContaining(`status ${status}`)]);
      expect(log.lines('error')[0]).toContain('127.0.0.1');
      expect(log.lines('error')[0]).toContain('the SDK key in the option sdkKey');
      expect(log.text).not.toContain(SDK_KEY);
      // Gives unwanted attempts and polls time to happen: another service makes some meanwhile.
      await connectTo(other, { ...quick, onTerminalFailure: 'poll' });
      await until(() => expect(other.configs.requests.length).toBeGreaterThan(4));
      expect(server.stream.requests).toHaveLength(1);
      expect(server.configs.requests).toHaveLength(requests);
    },
  );

  it('the terminal failure lasts until reconnect(), whatever succeeds before then', async () => {
    const server = await serve({ envelope: first });
    const refusals: TerminalFailure[] = [];
    const { service } = await connectTo(server, quick);
    service.terminalFailure$.subscribe((failure) => refusals.push(failure));
    await until(() => expect(service.connectionState()).toBe('connected'));
    server.stream.answerNext({ status: 401 });
    server.endStreams();
    await until(() => expect(service.terminalFailure()).toBe(true));
    expect(refusals).toEqual([{ status: 401, host: `127.0.0.1:${server.port}` }]);

    server.publish(second);
    await service.refresh();
    await service.updateIfStalerThan(0);
    service.suspend();
    await service.resume();
    expect(service.getString('greeting')).toBe('bonjour');
    expect(service.terminalFailure()).toBe(true);
    expect(service.connectionState()).toBe('disconnected');

    const requests = server.configs.requests.length;
    await service.reconnect();
    expect(server.configs.requests).toHaveLength(requests + 1);
    expect(service.terminalFailure()).toBe(false);
    await until(() => expect(service.connectionState()).toBe('connected'));
  });

  it('reconnect() fails again while the SDK key is still revoked', async () => {
    const server = await serve({ envelope: first });
    const { service, log } = await connectTo(server);
    await until(() => expect(service.connectionState()).toBe('connected'));
    server.revoke();
    await until(() => expect(service.terminalFailure()).toBe(true));
    await expect(service.reconnect()).rejects.toMatchObject({ code: 'http_error', status: 401 });
    await until(() => expect(log.lines('error')).toHaveLength(2));
    expect(service.terminalFailure()).toBe(true);
    expect(service.getString('greeting')).toBe('hello');
  });

  it('a terminal failure ends fallback polling', async () => {
    const server = await serve({ envelope: first });
    server.stream.answerNext({ status: 503 });
    const { service } = await connectTo(server, quick);
    await until(() => expect(service.fallbackPollerActive()).toBe(true));
    server.stream.answerAlways({ status: 403 });
    await until(() => expect(service.terminalFailure()).toBe(true));
    expect(service.fallbackPollerActive()).toBe(false);
    expect(service.connectionState()).toBe('disconnected');
  });

  it('fallback polling continues after a terminal failure with onTerminalFailure "poll"', async () => {
    const server = await serve({ envelope: first });
    server.stream.answerAlways({ status: 403 });
    const { service } = await connectTo(server, { ...quick, onTerminalFailure: 'poll' });
    await until(() => expect(service.terminalFailure()).toBe(true));
    expect(service.connectionState()).toBe('falling_back');
    server.publish(second);
    await until(() => expect(service.getString('greeting')).toBe('bonjour'));
    expect(server.stream.requests).toHaveLength(1);
  });

  it('a new service is unaffected by an earlier terminal failure', async () => {
    const server = await serve({ envelope: first });
    server.stream.answerNext({ status: 401 });
    const refused = await connectTo(server);
    await until(() => expect(refused.service.terminalFailure()).toBe(true));
    const { service } = await connectTo(server);
    await until(() => expect(service.connectionState()).toBe('connected'));
    expect(service.terminalFailure()).toBe(false);
  });
});
