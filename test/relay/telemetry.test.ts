import { once } from 'node:events';
import { request } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { envelopeOf, SDK_KEY } from '../support/delivery-server.js';
import { connectTo, serve, until } from '../support/networked.js';
import { QuonfigRelay } from '../../lib/relay/index.js';
import { TelemetryStub } from '../support/telemetry-stub.js';
import { ADAPTERS, type AdapterName, basic, RELAY_KEY, relayOf } from './support/relays.js';

const PATH = '/api/v1/telemetry/';
const REPORT = JSON.stringify({ instanceHash: 'a-b-c', events: [{ any: 'thing' }] });
const headers = {
  authorization: basic(RELAY_KEY),
  'content-type': 'application/json',
  'x-quonfig-sdk-version': 'go-1.2.3',
};

async function stub(...script: Parameters<TelemetryStub['answers']>): Promise<TelemetryStub> {
  const telemetry = await TelemetryStub.start(...script);
  onTestFinished(() => telemetry.stop());
  return telemetry;
}

/** Starts a relay that forwards telemetry to a stub. */
async function forwarding(telemetry: TelemetryStub, adapter: AdapterName = 'express') {
  const server = await serve({
    envelope: envelopeOf({ generation: 3, values: { greeting: 'hi' } }),
  });
  const options = { url: telemetry.url, sdkKey: SDK_KEY };
  return relayOf(server, { adapter, telemetry: options });
}

async function post(
  url: string,
  body: string | Buffer = REPORT,
  more: Record<string, string> = {},
): Promise<{ status: number; retryAfter: string | undefined; text: string }> {
  const sent = request(url + PATH, {
    method: 'POST',
    headers: { ...headers, ...more },
    agent: false,
  });
  // The server may end the connection while the rest of the body is on its way.
  sent.on('error', () => undefined);
  sent.end(body);
  const [response] = await once(sent, 'response');
  const text = Buffer.concat(await response.toArray().catch(() => [])).toString();
  return { status: response.statusCode, retryAfter: response.headers['retry-after'], text };
}

describe.each(ADAPTERS)('telemetry of clients on %s', (adapter) => {
  it('a report reaches the telemetry service byte for byte, with the key of the relay', async () => {
    const telemetry = await stub(200);
    const { url } = await forwarding(telemetry, adapter);
    expect(await post(url)).toMatchObject({ status: 200 });
    expect(telemetry.requests).toHaveLength(1);
    expect(telemetry.requests[0]).toMatchObject({
      method: 'POST',
      path: PATH,
      body: REPORT,
      headers: {
        authorization: basic(SDK_KEY),
        'content-type': 'application/json',
        'x-quonfig-sdk-version': 'go-1.2.3',
      },
    });
  });

  it('a one-megabyte report is forwarded, even if the body parsers of the application allow less', async () => {
    const telemetry = await stub(200);
    const { url } = await forwarding(telemetry, adapter);
    const large = JSON.stringify({ text: 'x'.repeat(1_000_000) });
    expect(await post(url, large)).toMatchObject({ status: 200 });
    expect(telemetry.requests[0]!.body).toBe(large);
  });

  it('without the option, telemetry is refused with a hint', async () => {
    const server = await serve();
    const { url } = await relayOf(server, { adapter });
    const answer = await post(url);
    expect(answer.status).toBe(404);
    expect(answer.text).toMatch(/collectEvaluationSummaries/);
  });

  it('without a valid key, a body is not even read', async () => {
    const telemetry = await stub(200);
    const { url } = await forwarding(telemetry, adapter);
    const sent = request(url + PATH, {
      method: 'POST',
      headers: {
        ...headers,
        authorization: basic('wrong_key_0123456789'),
        'content-length': '1000000',
      },
      agent: false,
    });
    sent.on('error', () => undefined);
    sent.flushHeaders();
    const [response] = await once(sent, 'response');
    expect(response.statusCode).toBe(401);
    sent.destroy();
    expect(telemetry.requests).toHaveLength(0);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('a report in %s is decoded', async (encoding, compress) => {
    const telemetry = await stub(200);
    const { url } = await forwarding(telemetry, adapter);
    const answer = await post(url, compress(REPORT), { 'content-encoding': encoding });
    expect(answer.status).toBe(200);
    expect(telemetry.requests[0]!.body).toBe(REPORT);
  });

  it.each([
    ['a body of more than 4 MiB', 'x'.repeat(5_000_000), {}, 413],
    [
      'a small body that decodes to 200 MB',
      gzipSync(Buffer.alloc(200_000_000)),
      { 'content-encoding': 'gzip' },
      413,
    ],
    ['a body that is not what its encoding says', REPORT, { 'content-encoding': 'gzip' }, 400],
    ['an unknown encoding', REPORT, { 'content-encoding': 'zstd' }, 415],
    [
      'an encoding with the name of a prototype',
      REPORT,
      { 'content-encoding': 'constructor' },
      415,
    ],
    ['another content type', REPORT, { 'content-type': 'text/plain' }, 415],
  ])('%s is refused', async (_, body, more, status) => {
    const telemetry = await stub(200);
    const { url } = await forwarding(telemetry, adapter);
    expect((await post(url, body, more as Record<string, string>)).status).toBe(status);
    expect(telemetry.requests).toHaveLength(0);
    // The relay still works.
    expect((await post(url)).status).toBe(200);
  });

  it('the telemetry of a client of this package arrives through the relay', async () => {
    const telemetry = await stub(200);
    const { url } = await forwarding(telemetry, adapter);
    const { service } = await connectTo({ url }, { sdkKey: RELAY_KEY });
    service.getString('greeting');
    await service.flush();
    expect(service.metrics().telemetry).toMatchObject({ state: 'on' });
    expect(JSON.parse(telemetry.requests[0]!.body).events[0].summaries.summaries[0].key).toBe(
      'greeting',
    );
  });
});

describe('the response of the telemetry service', () => {
  it.each([401, 403, 404])(
    'status %i refuses the key of the relay, so clients are asked to retry',
    async (status) => {
      const { url } = await forwarding(await stub(status));
      expect(await post(url)).toMatchObject({ status: 503, retryAfter: '60' });
    },
  );

  it('a status that asks to retry reaches the client, with its delay', async () => {
    const telemetry = await stub({ status: 429, headers: { 'retry-after': '120' } }, 500);
    const { url } = await forwarding(telemetry);
    expect(await post(url)).toMatchObject({ status: 503, retryAfter: '120' });
    expect(await post(url)).toMatchObject({ status: 503, retryAfter: '60' });
  });

  it('a redirect is not followed, and clients keep their reports', async () => {
    const elsewhere = await stub(200);
    const telemetry = await stub({ status: 308, headers: { location: elsewhere.url + PATH } });
    const { url } = await forwarding(telemetry);
    expect(await post(url)).toMatchObject({ status: 503, retryAfter: '60' });
    expect(elsewhere.requests).toEqual([]);
  });

  it('a client gets the status with which its report was rejected', async () => {
    const { url } = await forwarding(await stub(422));
    expect(await post(url)).toMatchObject({ status: 400 });
  });

  it('if the service is unreachable, clients are asked to retry', async () => {
    const telemetry = await stub(200);
    const { url } = await forwarding(telemetry);
    await telemetry.stop();
    expect(await post(url)).toMatchObject({ status: 503 });
  });

  it('at most 32 reports are in flight; clients are asked to retry the others later', async () => {
    const telemetry = await stub('hang');
    const { url } = await forwarding(telemetry);
    const first = Array.from({ length: 32 }, () => post(url));
    await until(() => expect(telemetry.hangingRequests).toBe(32));
    expect(await post(url)).toMatchObject({ status: 503 });
    telemetry.release(200);
    for (const { status } of await Promise.all(first)) expect(status).toBe(200);
  });

  it.each(ADAPTERS)(
    'clients that send slowly do not keep others from sending, on %s',
    async (adapter) => {
      const telemetry = await stub(200);
      const { app, url } = await forwarding(telemetry, adapter);
      const relay = app.get(QuonfigRelay, { strict: false });
      for (let count = 0; count < 50; count++) {
        const sent = request(url + PATH, {
          method: 'POST',
          headers: { ...headers, 'content-length': '1000' },
          agent: false,
        });
        sent.on('error', () => undefined);
        sent.write('{');
        onTestFinished(() => void sent.destroy());
      }
      await until(() => expect(relay.status().connections).toBe(50));
      expect(await post(url)).toMatchObject({ status: 200 });
    },
  );
});
