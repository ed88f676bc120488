import { connect } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { QuonfigRelay } from '../../lib/relay/index.js';
import { constant } from '../support/configs.js';
import { envelopeOf } from '../support/delivery-server.js';
import { serve, until } from '../support/networked.js';
import {
  ADAPTERS,
  basic,
  get,
  idsIn,
  open,
  OpenStream,
  RELAY_KEY,
  relayOf,
} from './support/relays.js';

const first = envelopeOf({ generation: 7, version: 'v7', values: { greeting: 'hello' } });
const auth = { authorization: basic(RELAY_KEY) };

describe.each(ADAPTERS)('the stream of a relay on %s', (adapter) => {
  it('the first event is the current envelope, and each update follows', async () => {
    const server = await serve({ envelope: first });
    const { url } = await relayOf(server, { adapter });
    const stream = await OpenStream.of(url);
    expect(stream.response.statusCode).toBe(200);
    expect(stream.response.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    await until(() => expect(stream.events).toEqual([{ id: 'v7', envelope: first }]));

    const second = envelopeOf({ generation: 8, version: 'v8', values: { greeting: 'hi' } });
    server.publish(second);
    await until(() => expect(stream.events.slice(1)).toEqual([{ id: 'v8', envelope: second }]));
    expect(stream.text).not.toMatch(/^(event|retry):/m);
  });

  it('a client that names the current version in Last-Event-ID still gets it first', async () => {
    const server = await serve({ envelope: first });
    const { url } = await relayOf(server, { adapter });
    const stream = await OpenStream.of(url, { ...auth, 'last-event-id': 'v7' });
    await until(() => expect(stream.events).toHaveLength(1));
  });

  it('shutting down ends every stream, and asks clients to reconnect at different times', async () => {
    const server = await serve({ envelope: first });
    const { app, url } = await relayOf(server, { adapter });
    const streams = await Promise.all(Array.from({ length: 8 }, () => OpenStream.of(url)));
    await until(() => expect(streams.every(({ events }) => events.length === 1)).toBe(true));
    await app.close();
    await until(() => expect(streams.every(({ ended }) => ended)).toBe(true));
    const waits = streams.map(({ text }) => Number(/\nretry: (\d+)\n\n$/.exec(text)![1]));
    for (const wait of waits) {
      expect(wait).toBeGreaterThanOrEqual(500);
      expect(wait).toBeLessThanOrEqual(10_500);
    }
    expect(new Set(waits).size).toBeGreaterThan(1);
  });

  it('a HEAD request gets only the headers', async () => {
    const server = await serve({ envelope: first });
    const { url } = await relayOf(server, { adapter });
    const head = await get(`${url}/api/v2/sse/config`, auth, 'HEAD');
    expect(head).toMatchObject({ status: 200, headers: { 'content-type': 'text/event-stream' } });
  });

  it('connections beyond the limit get status 503, and are served once others have ended', async () => {
    const server = await serve({ envelope: first });
    const { url } = await relayOf(server, { adapter, maxConnections: 2 });
    const streams = await Promise.all([OpenStream.of(url), OpenStream.of(url)]);
    const refused = await get(`${url}/api/v2/configs`);
    expect(refused.status).toBe(503);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    streams[0].response.destroy();
    await until(async () => expect((await get(`${url}/api/v2/configs`)).status).toBe(200));
  });

  it('in a storm of connections, those beyond the limit are asked to retry at different times', async () => {
    const server = await serve({ envelope: first });
    const { app, url } = await relayOf(server, { adapter, maxConnections: 10 });
    const storm = await Promise.all(Array.from({ length: 60 }, () => OpenStream.of(url)));
    const accepted = storm.filter(({ response }) => response.statusCode === 200);
    const refused = storm.filter(({ response }) => response.statusCode === 503);
    expect([accepted.length, refused.length]).toEqual([10, 50]);
    expect(app.get(QuonfigRelay).status()).toMatchObject({ streams: 10, connections: 10 });
    const waits = refused.map(({ response }) => Number(response.headers['retry-after']));
    for (const wait of waits) {
      expect(wait).toBeGreaterThanOrEqual(5);
      expect(wait).toBeLessThanOrEqual(30);
    }
    expect(new Set(waits).size).toBeGreaterThan(5);
    await until(() => expect(refused.every(({ ended }) => ended)).toBe(true));
    // Those that are connected notice nothing of it.
    server.publish(envelopeOf({ generation: 8, version: 'v8' }));
    await until(() => expect(accepted.every(({ ids }) => ids.at(-1) === 'v8')).toBe(true));
  });

  it('a client that stops reading gets only the latest update once it reads again and does not delay the others', async () => {
    const big = (generation: number) =>
      envelopeOf({
        generation,
        version: `v${generation}`,
        configs: [constant('big', 'string', `${generation} `.repeat(2_500_000))],
      });
    const server = await serve({ envelope: first });
    const { url } = await relayOf(server, { adapter });
    const slow = await open(`${url}/api/v2/sse/config`);
    const fast = await OpenStream.of(url);
    for (const generation of [8, 9, 10, 11]) {
      server.publish(big(generation));
      await until(() => expect(fast.ids.at(-1)).toBe(`v${generation}`));
      await until(() => expect(fast.text.endsWith('\n\n')).toBe(true));
    }
    let text = '';
    slow.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await until(() => expect(idsIn(text).at(-1)).toBe('v11'));
    const ids = idsIn(text);
    expect(ids[0]).toBe('v7');
    // The system buffers less than two of these events, so the third one waits until it is no longer the latest.
    expect(ids).not.toContain('v10');
  });
});

it('an idle stream gets a comment every 25 s', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const server = await serve({ envelope: first });
  const { url } = await relayOf(server);
  const stream = await OpenStream.of(url);
  await until(() => expect(stream.events).toHaveLength(1));
  const before = stream.text;
  vi.advanceTimersByTime(100_000);
  await until(() => expect(stream.text).toBe(before + ': heartbeat\n\n'.repeat(4)));
});

it('a client that has disconnected is forgotten', async () => {
  const server = await serve({ envelope: first });
  const { app, url } = await relayOf(server);
  const stream = await OpenStream.of(url);
  await until(() =>
    expect(app.get(QuonfigRelay).status()).toMatchObject({ streams: 1, connections: 1 }),
  );
  stream.response.destroy();
  await until(() =>
    expect(app.get(QuonfigRelay).status()).toMatchObject({ streams: 0, connections: 0 }),
  );
});

it('a version that would break the lines of an event is left out of its id', async () => {
  const envelope = envelopeOf({ generation: 7, version: 'v7\ndata: {}', values: {} });
  const server = await serve({ envelope });
  const { url } = await relayOf(server);
  const stream = await OpenStream.of(url);
  await until(() => expect(stream.events).toEqual([{ id: undefined, envelope }]));
});

it('closing does not wait for a client that has stopped reading', async () => {
  const configs = [constant('big', 'string', 'x'.repeat(16_000_000))];
  const server = await serve({ envelope: envelopeOf({ configs }) });
  const { app, url } = await relayOf(server);
  const socket = connect(Number(new URL(url).port), '127.0.0.1').pause();
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  socket.write(
    `GET /api/v2/sse/config HTTP/1.1\r\nHost: relay\r\nAuthorization: ${basic(RELAY_KEY)}\r\n\r\n`,
  );
  await until(() => expect(app.get(QuonfigRelay).status().streams).toBe(1));
  await app.close();
  expect(app.get(QuonfigRelay).status().streams).toBe(0);
});
