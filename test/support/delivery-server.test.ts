import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeliveryServer, envelopeOf, eventOf, SDK_KEY } from './delivery-server.js';

const LIMIT = { timeout: 10_000, interval: 5 };

let server: DeliveryServer;
let closing: AbortController;

beforeEach(async () => {
  closing = new AbortController();
  server = await DeliveryServer.start({ envelope: envelopeOf({ values: { greeting: 'hello' } }) });
});

afterEach(async () => {
  closing.abort();
  await server.close();
});

describe('the configs endpoint of the delivery server', () => {
  it('the delivery server serves configs only to requests with the SDK key', async () => {
    const response = await get('/api/v2/configs');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(envelopeOf({ values: { greeting: 'hello' } }));
    for (const key of ['wrong', '']) {
      expect((await get('/api/v2/configs', key)).status).toBe(401);
    }
    expect(server.configs.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /api/v2/configs',
      'GET /api/v2/configs',
      'GET /api/v2/configs',
    ]);
  });

  it('the delivery server answers 304 when the client already has the current configs', async () => {
    const etag = (await get('/api/v2/configs')).headers.get('etag')!;
    const again = await get('/api/v2/configs', SDK_KEY, { 'If-None-Match': etag });
    expect([again.status, again.headers.get('etag')]).toEqual([304, etag]);
    server.publish(envelopeOf({ generation: 2 }));
    const changed = await get('/api/v2/configs', SDK_KEY, { 'If-None-Match': etag });
    expect([changed.status, changed.headers.get('etag') === etag]).toEqual([200, false]);
  });

  it("the delivery server serves the configs of the key's environment", async () => {
    server.allow('staging-key', 'staging');
    server.publish(envelopeOf({ environment: 'staging', generation: 9 }));
    const generation = async (key: string): Promise<unknown> =>
      ((await (await get('/api/v2/configs', key)).json()) as ReturnType<typeof envelopeOf>).meta
        .generation;
    expect([await generation('staging-key'), await generation(SDK_KEY)]).toEqual([9, 1]);
    server.revoke('staging-key');
    expect((await get('/api/v2/configs', 'staging-key')).status).toBe(401);
  });

  it('the delivery server replaces the configs response with any other, once or always', async () => {
    server.configs.answerNext({ status: 503, headers: { 'retry-after': '3' }, body: 'later' });
    server.configs.answerNext('drop');
    server.configs.answerAlways({ status: 418 });
    const busy = await get('/api/v2/configs');
    expect([busy.status, busy.headers.get('retry-after'), await busy.text()]).toEqual([
      503,
      '3',
      'later',
    ]);
    await expect(get('/api/v2/configs')).rejects.toThrow();
    expect((await get('/api/v2/configs')).status).toBe(418);
    server.configs.answerNormally();
    expect((await get('/api/v2/configs')).status).toBe(200);
  });

  it('the delivery server holds the configs response back until released', async () => {
    server.configs.answerNext('hold');
    const answer = get('/api/v2/configs');
    await vi.waitFor(() => expect(server.configs.holding).toBe(1), LIMIT);
    server.configs.release();
    expect((await answer).status).toBe(200);
  });
});

describe('the stream endpoint of the delivery server', () => {
  it('the stream sends the current envelope first, then each published one', async () => {
    const stream = await follow({ 'Last-Event-ID': 'v0' });
    const [first, second] = [
      envelopeOf({ values: { greeting: 'hello' } }),
      envelopeOf({ generation: 2 }),
    ];
    await stream.hears(eventOf(first));
    server.publish(second);
    server.heartbeat();
    await stream.hears(`${eventOf(first)}${eventOf(second)}: heartbeat\n\n`);
    expect(eventOf(second)).toMatch(/^id: v2\ndata: \{.*\}\n\n$/);
    expect(server.stream.requests[0]!.headers['last-event-id']).toBe('v0');
    expect([server.openStreams, server.streamsOpened]).toEqual([1, 1]);
  });

  it('the stream sends only envelopes of its environment', async () => {
    const stream = await follow();
    server.publish(envelopeOf({ environment: 'staging', version: 'other' }));
    server.publish(envelopeOf({ generation: 2 }));
    await stream.hears(/v2/);
    expect(stream.heard()).not.toContain('other');
  });

  it('the delivery server ends open streams and refuses new ones when the key is revoked', async () => {
    const stream = await follow();
    server.revoke();
    await stream.ends();
    expect((await get('/api/v2/sse/config')).status).toBe(401);
    expect(server.openStreams).toBe(0);
  });

  it('the delivery server ends or drops streams, and sends any bytes in any pieces', async () => {
    const fed = await follow();
    await server.writeInPieces('data: é€\n\n', 1);
    await fed.hears(/data: é€\n\n$/);
    server.endStreams();
    await fed.ends();
    const broken = await follow();
    server.dropStreams();
    await expect(broken.ends()).rejects.toThrow();
  });

  it('the delivery server holds the stream headers back or sends any other response', async () => {
    server.stream.answerNext('hold', { status: 429 }, { status: 200, body: '<html>' });
    const held = get('/api/v2/sse/config');
    await vi.waitFor(() => expect(server.stream.holding).toBe(1), LIMIT);
    expect((await get('/api/v2/sse/config')).status).toBe(429);
    expect(await (await get('/api/v2/sse/config')).text()).toBe('<html>');
    expect(server.streamsOpened).toBe(0);
    server.stream.release();
    expect((await held).headers.get('content-type')).toBe('text/event-stream');
  });

  it('the delivery server sends comments on the stream at the requested interval', async () => {
    await server.close();
    server = await DeliveryServer.start({ heartbeatMs: 5 });
    const stream = await follow();
    await stream.hears(/(: heartbeat\n\n){2}/);
  });
});

describe('the telemetry endpoint of the delivery server', () => {
  it('the delivery server records telemetry as it was sent and answers as scripted', async () => {
    server.telemetry.answerNext({ status: 503 });
    const statuses = [];
    for (const body of ['{"a":1}', '{"é": 2}']) {
      const options = { method: 'POST', headers: headersFor(SDK_KEY), body };
      statuses.push((await fetch(`${server.url}/api/v1/telemetry/`, options)).status);
    }
    expect(statuses).toEqual([503, 200]);
    expect(server.telemetry.requests.map(({ body }) => body.toString())).toEqual([
      '{"a":1}',
      '{"é": 2}',
    ]);
  });
});

it('the delivery server closes every connection on close', async () => {
  server.configs.answerNext('hold');
  const held = get('/api/v2/configs');
  const stream = await follow();
  await vi.waitFor(() => expect(server.configs.holding).toBe(1), LIMIT);
  expect(await server.connections()).toBe(2);
  await Promise.all([
    expect(held).rejects.toThrow(),
    expect(stream.ends()).rejects.toThrow(),
    server.close(),
  ]);
  await server.close();
  expect(await server.connections()).toBe(0);
  await expect(get('/api/v2/configs')).rejects.toThrow();
});

function headersFor(key: string): Record<string, string> {
  if (key === '') return {};
  return { Authorization: `Basic ${Buffer.from(`1:${key}`).toString('base64')}` };
}

function get(
  path: string,
  key: string = SDK_KEY,
  headers: Record<string, string> = {},
): Promise<Response> {
  const { signal } = closing;
  return fetch(server.url + path, { headers: { ...headersFor(key), ...headers }, signal });
}

async function follow(headers: Record<string, string> = {}): Promise<{
  heard(): string;
  hears(expected: string | RegExp): Promise<void>;
  ends(): Promise<void>;
}> {
  const response = await get('/api/v2/sse/config', SDK_KEY, headers);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  let heard = '';
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) heard += decoder.decode(chunk, { stream: true });
  })();
  reading.catch(() => undefined);
  return {
    heard: () => heard,
    hears: (expected) =>
      vi.waitFor(
        () =>
          typeof expected === 'string'
            ? expect(heard).toBe(expected)
            : expect(heard).toMatch(expected),
        LIMIT,
      ),
    ends: () => reading,
  };
}
