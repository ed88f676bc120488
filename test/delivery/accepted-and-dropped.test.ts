import { describe, expect, it } from 'vitest';
import { envelopeOf } from '../support/delivery-server.js';
import type { Handler } from '../support/served-path.js';
import { connectTo, serve, until } from '../support/networked.js';

const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });
const second = envelopeOf({ generation: 2, values: { greeting: 'bonjour' } });

const heartbeat: Handler = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(': heartbeat\n\n');
};
const heartbeatOnly: Handler = (request, response, proceed) => {
  heartbeat(request, response, proceed);
  setImmediate(() => response.destroy());
};

describe('a stream that is accepted but never delivers configs', () => {
  it('fallback polling delivers changes while the stream is accepted and dropped repeatedly', async () => {
    const server = await serve({ envelope: first });
    server.stream.answerAlways(heartbeatOnly);
    const { service, log } = await connectTo(server, { fallbackPollIntervalMs: 100 });
    await until(() => expect(service.fallbackPollerActive()).toBe(true));
    server.publish(second);
    await until(() => expect(service.getString('greeting')).toBe('bonjour'));
    const attempts = service.metrics().connectAttempts;
    await until(() => expect(service.metrics().connectAttempts).toBeGreaterThan(attempts));
    expect(service.connectionState()).toBe('falling_back');
    expect(log.lines('warn').filter((line) => line.includes('Polling for configs'))).toHaveLength(
      1,
    );
    expect(log.lines('info').filter((line) => line.includes('has ended'))).toEqual([]);
  });

  it('fallback polling also delivers changes after a stream that used to work', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server, { fallbackPollIntervalMs: 300 });
    await until(() => expect(service.connectionState()).toBe('connected'));
    server.stream.answerAlways(heartbeatOnly);
    server.dropStreams();
    server.publish(second);
    await until(() => expect(service.getString('greeting')).toBe('bonjour'));
    server.stream.answerNormally();
    await until(() => expect(service.connectionState()).toBe('connected'));
    expect(service.fallbackPollerActive()).toBe(false);
  });

  it('fallback polling delivers the first configs while the stream stays open without events', async () => {
    const server = await serve({ envelope: first });
    server.configs.answerNext({ status: 403 }, { status: 403 });
    server.stream.answerAlways(heartbeat);
    const { service } = await connectTo(server, {
      fallbackPollIntervalMs: 50,
      onInitFailure: 'return-defaults',
    });
    expect(service.ready()).toBe(false);
    await until(() => expect(service.getString('greeting', null, 'none')).toBe('hello'));
  });
});
