import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SDK_KEY } from '../../support/delivery-server.js';
import { envelopeJson, eventText } from './support/envelope.js';
import { FollowedStream, type FollowOptions } from './support/followed-stream.js';
import { endingStream, status, stream, StreamServer } from './support/stream-server.js';
import { unpackedEnvelope } from '../../support/unpacked-envelope.js';

const TIMEOUT = { timeout: 10_000 };

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function serve(...answers: Parameters<typeof StreamServer.start>): Promise<StreamServer> {
  const server = await StreamServer.start(...answers);
  cleanUps.push(() => server.close());
  return server;
}

/** A plain TCP server. */
async function serveSockets(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

function follow(url: string, options: Omit<FollowOptions, 'url'> = {}): FollowedStream {
  const followed = new FollowedStream({ url, ...options });
  cleanUps.push(() => followed.service.close());
  followed.service.start();
  return followed;
}

/** A custom fetch that quotes its arguments in its errors. */
const quoting: typeof fetch = (_, init) => {
  const header = new Headers(init?.headers).get('authorization');
  throw new Error(`${SDK_KEY} ${header} via http://user:pass@proxy.test`);
};

describe('reading the stream', () => {
  it('the stream delivers every envelope in order', async () => {
    const server = await serve(stream(eventText('v1'), ': heartbeat\n\n'));
    const followed = follow(server.url);
    await vi.waitFor(() => expect(followed.versions).toEqual(['v1']), TIMEOUT);
    server.responses[0]?.write(eventText('v2') + eventText('v3'));
    await vi.waitFor(() => expect(followed.versions).toEqual(['v1', 'v2', 'v3']), TIMEOUT);
    expect(followed.states).toEqual(['connecting', 'connected']);
    expect(followed.connectAttempts).toBe(1);
  });

  it('the first request sends the protocol headers and no event id', async () => {
    const server = await serve(stream(eventText('v1')));
    const followed = follow(server.url);
    await vi.waitFor(() => expect(followed.versions).toHaveLength(1), TIMEOUT);
    expect(server.requests[0]).toMatchObject({
      url: '/api/v2/sse/config',
      headers: {
        authorization: `Basic ${Buffer.from(`1:${SDK_KEY}`).toString('base64')}`,
        'x-quonfig-sdk-version': 'nestjs-9.9.9',
        accept: 'text/event-stream',
        'cache-control': 'no-cache',
      },
    });
    expect(server.requests[0]?.headers).not.toHaveProperty('last-event-id');
  });

  it('the stream accepts chunks of any size and a byte order mark', async () => {
    const bytes = Buffer.from(`\uFEFFid: v1\r\ndata: ${envelopeJson('Zoë 🦊')}\r\n\r\n`);
    const server = await serve(stream());
    const followed = follow(server.url);
    await vi.waitFor(() => expect(server.responses).toHaveLength(1), TIMEOUT);
    for (const byte of bytes) {
      server.responses[0]?.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    await vi.waitFor(() => expect(followed.versions).toEqual(['Zoë 🦊']), TIMEOUT);
  });

  it('the stream drops invalid envelopes with one warning and keeps the connection', async () => {
    const server = await serve(
      stream(
        'data: {"configs": tr_secret_ue\n\n',
        'data: [1]\n\n',
        'data: {"configs":[],"meta":{}}\n\n',
        eventText('v1'),
      ),
    );
    const followed = follow(server.url);
    await vi.waitFor(() => expect(followed.versions).toEqual(['v1']), TIMEOUT);
    const warnings = followed.log.messages('warn');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('not JSON');
    expect(warnings[0]).not.toContain('secret');
    const debugLines = followed.log
      .messages('debug')
      .filter((text) => text.includes('was dropped'));
    expect(debugLines).toHaveLength(2);
    expect(debugLines[1]).toContain('meta.version');
    expect(followed.lastError).toBe(debugLines[1]);
    expect(followed.log.messages('info').at(-1)).toContain('is delivering');
    expect(server.requests).toHaveLength(1);
    expect(followed.restarts).toEqual({ worker_throw: 0, worker_exit: 0, read_timeout: 0 });
  });

  it('the stream delivers an envelope of more than a megabyte in small chunks', async () => {
    const configs = Array.from({ length: 5_000 }, (_, index) => ({
      key: `config.${index}`,
      type: 'config',
      valueType: 'string',
      default: { rules: [{ criteria: [], value: { type: 'string', value: 'é'.repeat(100) } }] },
    }));
    const envelope = { configs, meta: { version: 'large', environment: 'production' } };
    let deliveries = 0;
    const server = await serve(stream(`id: 1\ndata: ${JSON.stringify(envelope)}\n\n`));
    follow(server.url, {
      maxEnvelopeBytes: 64 * 1024 * 1024,
      onEnvelope: (received) => {
        expect(unpackedEnvelope(received)).toEqual(envelope);
        deliveries++;
      },
    });
    await vi.waitFor(() => expect(deliveries).toBe(1), TIMEOUT);
  });

  it('the stream reads no further event while an envelope is being installed', async () => {
    let release: (() => void) | undefined;
    let running = 0;
    let most = 0;
    const server = await serve(stream(eventText('v1') + eventText('v2')));
    const followed = follow(server.url, {
      onEnvelope: async () => {
        most = Math.max(most, ++running);
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        running--;
      },
    });
    await vi.waitFor(() => expect(followed.versions).toEqual(['v1']), TIMEOUT);
    release?.();
    await vi.waitFor(() => expect(followed.versions).toEqual(['v1', 'v2']), TIMEOUT);
    release?.();
    expect(most).toBe(1);
  });
});

describe('reconnecting the stream', () => {
  it('the stream reconnects after a clean end with the last event id and without an error', async () => {
    const server = await serve(endingStream(eventText('v1')), stream(eventText('v2')));
    const followed = follow(server.url);
    await vi.waitFor(() => expect(followed.versions).toEqual(['v1', 'v2']), TIMEOUT);
    expect(server.requests[1]?.headers['last-event-id']).toBe('v1');
    expect(followed.states).toEqual(['connecting', 'connected', 'connecting', 'connected']);
    expect(followed.restarts).toEqual({ worker_throw: 0, worker_exit: 1, read_timeout: 0 });
    expect(followed.log.messages('warn')).toEqual([]);
  });

  it('the stream reconnects after a reset and drops the unfinished event', async () => {
    const server = await serve(
      (response) => {
        stream(eventText('v1'), 'id: v2\ndata: {"configs":')(response);
        setImmediate(() => response.socket?.resetAndDestroy());
      },
      stream(eventText('v3')),
    );
    const followed = follow(server.url);
    await vi.waitFor(() => expect(followed.versions.at(-1)).toBe('v3'), TIMEOUT);
    expect(followed.versions).not.toContain('v2');
    expect(followed.restarts).toMatchObject({ worker_throw: 1 });
  });

  it('the stream logs one warning while its server refuses connections', async () => {
    const gone = await StreamServer.start(stream());
    const { url, host } = gone;
    await gone.close();
    const followed = follow(url, { random: () => 0 });
    await vi.waitFor(() => expect(followed.log.messages('warn')).toHaveLength(1), TIMEOUT);
    expect(followed.states).toEqual(['connecting', 'error']);
    expect(followed.log.messages('warn')[0]).toContain('ECONNREFUSED');
    expect(followed.lastError).toContain(host);
    expect(followed.lastError).toContain('ECONNREFUSED');
  });

  it('a stream that ends after one byte is never "connected" and is retried', async () => {
    const server = await serve(endingStream(':'), endingStream('\n'), stream(eventText('v1')));
    const followed = follow(server.url);
    await vi.waitFor(() => expect(followed.versions).toEqual(['v1']), TIMEOUT);
    expect(followed.states.filter((state) => state === 'connected')).toHaveLength(1);
    expect(followed.states.at(-1)).toBe('connected');
    expect(followed.restarts).toMatchObject({ worker_exit: 2 });
  });

  it('the stream reconnects at the read deadline when no headers arrive', async () => {
    const url = await serveSockets(() => undefined);
    const followed = follow(url, { sseReadDeadlineMs: 200 });
    await vi.waitFor(() => expect(followed.restarts.read_timeout).toBeGreaterThan(0), TIMEOUT);
    expect(followed.states).not.toContain('connected');
    expect(followed.log.messages('warn')[0]).toContain('nothing was received for 0.2 s');
  });

  it('the stream reconnects at the read deadline and closes the silent socket', async () => {
    const closed: boolean[] = [];
    const server = await serve((response) => {
      response.on('close', () => closed.push(true));
      stream(eventText('v1'))(response);
    });
    const followed = follow(server.url, { sseReadDeadlineMs: 300 });
    await vi.waitFor(() => expect(followed.versions.length).toBeGreaterThan(1), TIMEOUT);
    await vi.waitFor(() => expect(closed.length).toBeGreaterThan(0), TIMEOUT);
    expect(followed.restarts.read_timeout).toBeGreaterThan(0);
    expect(followed.restarts.worker_throw).toBe(0);
  });

  it.each([503, 429, 500, 418, 204])('the stream is retried after status %i', async (code) => {
    const server = await serve(status(code), stream(eventText('v1')));
    const followed = follow(server.url);
    await vi.waitFor(() => expect(followed.versions).toEqual(['v1']), TIMEOUT);
    expect(followed.restarts).toMatchObject({ worker_throw: 1 });
    expect(followed.log.messages('warn')[0]).toContain(`status ${code}`);
    expect(followed.log.messages('info')).toHaveLength(1);
  });

  it('the stream is retried after an HTML page', async () => {
    const page = status(200, { 'content-type': 'text/html' });
    const server = await serve(page, stream(eventText('v1')));
    const followed = follow(server.url);
    await vi.waitFor(() => expect(followed.versions).toEqual(['v1']), TIMEOUT);
    expect(followed.log.messages('warn')[0]).toContain('"text/html"');
    expect(followed.restarts).toMatchObject({ worker_throw: 1 });
  });

  it('the stream reconnects after an event that is too large and logs maxEnvelopeBytes', async () => {
    const large = `data: {"meta":{"version":"${'x'.repeat(5_000)}"}}\n\n`;
    const server = await serve(stream(large), stream(eventText('v1')));
    const followed = follow(server.url, { maxEnvelopeBytes: 1_000 });
    await vi.waitFor(() => expect(followed.versions).toEqual(['v1']), TIMEOUT);
    expect(followed.log.messages('warn')).toHaveLength(1);
    expect(followed.log.messages('warn')[0]).toContain('maxEnvelopeBytes');
    expect(followed.restarts).toMatchObject({ worker_throw: 1 });
  });

  it('the stream reconnects after a line that exceeds the limit without ending', async () => {
    const server = await serve(stream('data: ', 'x'.repeat(2_000)), stream(eventText('v1')));
    const followed = follow(server.url, { maxEnvelopeBytes: 1_000 });
    await vi.waitFor(() => expect(followed.versions).toEqual(['v1']), TIMEOUT);
    expect(followed.restarts).toMatchObject({ worker_throw: 1 });
  });

  it('the stream reconnects without an event id that no header can contain', async () => {
    const odd = `id: a\u0001b\ndata: ${envelopeJson('v1')}\n\n`;
    const server = await serve(endingStream(odd), stream(eventText('v2')));
    const followed = follow(server.url);
    await vi.waitFor(() => expect(followed.versions).toEqual(['v1', 'v2']), TIMEOUT);
    expect(server.requests[1]?.headers).not.toHaveProperty('last-event-id');
  });
});

describe('stream redirects', () => {
  it('stream redirects within the same origin are followed', async () => {
    const server = await serve(
      status(307, { location: '/api/v2/sse/config?a=1' }),
      stream(eventText('v1')),
    );
    const followed = follow(server.url);
    await vi.waitFor(() => expect(followed.versions).toEqual(['v1']), TIMEOUT);
    expect(server.requests[1]?.url).toBe('/api/v2/sse/config?a=1');
    expect(followed.connectAttempts).toBe(1);
  });

  it('stream redirects to another origin are not followed, which protects the SDK key', async () => {
    const thief = await serve(stream(eventText('stolen')));
    const server = await serve(status(302, { location: thief.url }), stream(eventText('v1')));
    const followed = follow(server.url);
    await vi.waitFor(() => expect(followed.versions).toEqual(['v1']), TIMEOUT);
    expect(thief.requests).toEqual([]);
    expect(followed.log.messages('warn')[0]).toContain(thief.host);
    expect(followed.restarts).toMatchObject({ worker_throw: 1 });
  });

  it('endless stream redirects fail the attempt', async () => {
    const server = await serve(status(302, { location: '?round' }));
    const followed = follow(server.url);
    await vi.waitFor(() => expect(followed.states).toContain('error'), TIMEOUT);
    expect(followed.log.messages('warn')[0]).toContain('too many redirects');
    await followed.service.close();
    expect(server.requests.length).toBeLessThan(20);
  });
});

describe('a refused stream', () => {
  it.each([401, 403, 404])(
    'a stream refused with status %i logs one error and is not retried',
    async (code) => {
      const server = await serve(status(code), stream(eventText('v1')));
      const followed = follow(server.url);
      await vi.waitFor(() => expect(followed.states).toContain('error'), TIMEOUT);
      expect(followed.edges).toEqual(['connecting', `refused ${code}`, 'error']);
      expect(followed.refusals).toEqual([{ status: code, host: server.host }]);
      expect(followed.service.terminal).toBe(true);
      expect(followed.restarts).toEqual({
        worker_throw: 0,
        worker_exit: 0,
        read_timeout: 0,
      });
      const [line, ...more] = followed.log.messages('error');
      expect(more).toEqual([]);
      expect(line).toContain(String(code));
      expect(line).toContain(server.host);
      expect(followed.log.messages('warn')).toEqual([]);
      followed.service.start();
      expect(server.requests).toHaveLength(1);
    },
  );

  it('a refusal does not wait for the body, and its socket is closed', async () => {
    let closed = false;
    const url = await serveSockets((socket) => {
      socket.on('close', () => {
        closed = true;
      });
      socket.write('HTTP/1.1 401 Unauthorized\r\nContent-Length: 1000\r\n\r\nso');
    });
    const followed = follow(url);
    await vi.waitFor(() => expect(followed.service.terminal).toBe(true), TIMEOUT);
    await vi.waitFor(() => expect(closed).toBe(true), TIMEOUT);
  });

  it('only reconnect() clears a refusal, and the stream continues with its last event id', async () => {
    const server = await serve(
      endingStream(eventText('v1')),
      status(401),
      status(401),
      stream(eventText('v2')),
    );
    const followed = follow(server.url);
    await vi.waitFor(() => expect(followed.refusals).toHaveLength(1), TIMEOUT);
    followed.service.reconnect();
    expect(followed.service.terminal).toBe(false);
    await vi.waitFor(() => expect(followed.refusals).toHaveLength(2), TIMEOUT);
    followed.service.reconnect();
    await vi.waitFor(() => expect(followed.versions).toEqual(['v1', 'v2']), TIMEOUT);
    expect(server.requests[3]?.headers['last-event-id']).toBe('v1');
    expect(followed.states.at(-1)).toBe('connected');
  });

  it('a new stream is unaffected by the refusal of an earlier one', async () => {
    const server = await serve(status(403), stream(eventText('v1')));
    const first = follow(server.url);
    await vi.waitFor(() => expect(first.service.terminal).toBe(true), TIMEOUT);
    const second = follow(server.url);
    await vi.waitFor(() => expect(second.versions).toEqual(['v1']), TIMEOUT);
    expect(first.service.terminal).toBe(true);
  });
});

describe('secrets of the stream', () => {
  it('log lines and errors never contain the SDK key, even if a custom fetch quotes it', async () => {
    const server = await serve(status(401), status(503));
    const followed = [
      follow(server.url),
      follow(server.url),
      follow(server.url, { fetch: quoting }),
    ];
    await vi.waitFor(
      () => expect(followed.every(({ states }) => states.includes('error'))).toBe(true),
      TIMEOUT,
    );
    const output = followed
      .flatMap(({ log, lastError }) => [...log.messages(), lastError])
      .join('\n');
    expect(output).toContain('failed: Error.');
    expect(output).not.toContain(SDK_KEY);
    expect(output).not.toContain(Buffer.from(`1:${SDK_KEY}`).toString('base64'));
    expect(output).not.toContain('user:pass');
  });
});

describe('closing the stream', () => {
  it('closing a connected stream closes its socket and calls no callback afterwards', async () => {
    const server = await serve(stream(eventText('v1')));
    const followed = follow(server.url);
    await vi.waitFor(() => expect(followed.versions).toHaveLength(1), TIMEOUT);
    const closing = followed.service.close();
    expect(followed.service.state).toBe('disconnected');
    await closing;
    server.responses[0]?.write(eventText('late'));
    await vi.waitFor(() => expect(server.openAnswers).toBe(0), TIMEOUT);
    await followed.service.close();
    followed.service.start();
    followed.service.reconnect();
    expect(followed.states).toEqual(['connecting', 'connected', 'disconnected']);
    expect(followed.versions).toEqual(['v1']);
    expect(server.requests).toHaveLength(1);
  });

  it('closing completes before the headers have arrived', async () => {
    const sockets: Socket[] = [];
    const url = await serveSockets((socket) => {
      socket.once('data', () => sockets.push(socket));
    });
    const followed = follow(url);
    await vi.waitFor(() => expect(sockets).toHaveLength(1), TIMEOUT);
    await followed.service.close();
    await vi.waitFor(() => expect(sockets[0]?.destroyed).toBe(true), TIMEOUT);
    expect(followed.states).toEqual(['connecting', 'disconnected']);
  });

  it('the stream closes even if an install never completes', async () => {
    const server = await serve(stream(eventText('v1')));
    const followed = follow(server.url, {
      onEnvelope: () => new Promise<void>(() => undefined),
    });
    await vi.waitFor(() => expect(followed.versions).toHaveLength(1), TIMEOUT);
    await followed.service.close();
    await vi.waitFor(() => expect(server.openAnswers).toBe(0), TIMEOUT);
  });

  it.each([
    ['the state connecting', 'connecting', []],
    ['the state connected', 'connected', []],
    ['the delivery of an envelope', 'envelope', ['v1']],
  ])('the stream may be closed in the callback for %s', async (_, moment, versions) => {
    const server = await serve(stream(eventText('v1') + eventText('v2')));
    const followed: FollowedStream = new FollowedStream({
      url: server.url,
      onChange: (change) => {
        if (change.type === 'stream' && change.state === moment) void followed.service.close();
      },
      onEnvelope: () => (moment === 'envelope' ? followed.service.close() : undefined),
    });
    followed.service.start();
    await vi.waitFor(() => expect(followed.states.at(-1)).toBe('disconnected'), TIMEOUT);
    await followed.service.close();
    await vi.waitFor(() => expect(server.openAnswers).toBe(0), TIMEOUT);
    expect(followed.versions).toEqual(versions);
    expect(followed.log.messages('error')).toEqual([]);
  });

  it('a stopped stream restarts with its last event id', async () => {
    const server = await serve(stream(eventText('v1')), stream(eventText('v2')));
    const followed = follow(server.url);
    await vi.waitFor(() => expect(followed.versions).toHaveLength(1), TIMEOUT);
    await followed.service.stop();
    expect(followed.states.at(-1)).toBe('disconnected');
    followed.service.start();
    await vi.waitFor(() => expect(followed.versions).toEqual(['v1', 'v2']), TIMEOUT);
    expect(server.requests[1]?.headers['last-event-id']).toBe('v1');
  });
});
