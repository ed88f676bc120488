import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { envelopeOf } from '../support/delivery-server.js';
import { serve, until } from '../support/networked.js';
import { ADAPTERS, basic, get, RELAY_KEY, relayOf } from './support/relays.js';

const first = envelopeOf({ generation: 7, version: 'v7', values: { greeting: 'hello' } });
const auth = { authorization: basic(RELAY_KEY) };
const configsOf = (url: string): string => `${url}/api/v2/configs`;

describe.each(ADAPTERS)('the configs of a relay on %s', (adapter) => {
  it('the envelope is the one that the service received, with the headers that the protocol requires', async () => {
    const meta = { ...first.meta, workspaceId: 'w-1' };
    const server = await serve({ envelope: { ...first, meta } });
    const { url } = await relayOf(server, { adapter });
    const { status, headers, body } = await get(configsOf(url));
    expect(status).toBe(200);
    expect(JSON.parse(body.toString())).toEqual({ configs: first.configs, meta });
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(body.length),
      'cache-control': 'private, no-cache',
      vary: 'Accept-Encoding',
      etag: expect.stringMatching(/^W\/"[0-9a-f]{32}"$/),
    });
    expect(headers).not.toHaveProperty('content-encoding');
  });

  it('a request for the same envelope gets status 304 and no body until a new one arrives', async () => {
    const server = await serve({ envelope: first });
    const { url } = await relayOf(server, { adapter });
    const { headers } = await get(configsOf(url));
    const conditional = { ...auth, 'if-none-match': headers.etag! };
    const unchanged = await get(configsOf(url), conditional);
    expect(unchanged).toMatchObject({ status: 304, headers: { etag: headers.etag } });
    expect(unchanged.body).toHaveLength(0);

    server.publish(envelopeOf({ generation: 8, values: { greeting: 'hi' } }));
    await until(async () => {
      const changed = await get(configsOf(url), conditional);
      expect(changed.status).toBe(200);
      expect(changed.headers.etag).not.toBe(headers.etag);
      expect(JSON.parse(changed.body.toString()).meta.generation).toBe(8);
    });
  });

  it('the body is compressed with an encoding that the client accepts', async () => {
    const server = await serve({ envelope: first });
    const { url } = await relayOf(server, { adapter });
    const plain = await get(configsOf(url));
    const gzipped = await get(configsOf(url), { ...auth, 'accept-encoding': 'gzip, deflate' });
    expect(gzipped.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(gzipped.body).equals(plain.body)).toBe(true);
    const brotli = await get(configsOf(url), { ...auth, 'accept-encoding': 'gzip, br' });
    expect(brotli.headers['content-encoding']).toBe('br');
    expect(brotliDecompressSync(brotli.body).equals(plain.body)).toBe(true);
    expect(new Set([plain, gzipped, brotli].map(({ headers }) => headers.etag)).size).toBe(1);
  });

  it('a HEAD request gets only the headers', async () => {
    const server = await serve({ envelope: first });
    const { url } = await relayOf(server, { adapter });
    const { headers } = await get(configsOf(url));
    const head = await get(configsOf(url), auth, 'HEAD');
    expect(head).toMatchObject({ status: 200, headers: { etag: headers.etag } });
    expect(head.body).toHaveLength(0);
  });

  it('clients are asked to retry while the service has no configs', async () => {
    const server = await serve({ envelope: first });
    server.configs.answerAlways({ status: 503 });
    server.stream.answerAlways({ status: 503 });
    const { url } = await relayOf(
      server,
      { adapter },
      { initTimeout: 200, onInitFailure: 'return-defaults' },
    );
    const { status, headers } = await get(configsOf(url));
    expect(status).toBe(503);
    expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(5);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(30);
  });
});

it('two relays of one service give the same envelope the same ETag', async () => {
  const server = await serve({ envelope: first });
  const [one, other] = await Promise.all([relayOf(server), relayOf(server)]);
  const tags = await Promise.all([one, other].map(async ({ url }) => get(configsOf(url))));
  expect(tags[0]!.headers.etag).toBe(tags[1]!.headers.etag);
});

it('configs keep the bytes that the upstream sent, in one line', async () => {
  const server = await serve({ envelope: first });
  const { url } = await relayOf(server);
  const pretty = JSON.stringify(
    envelopeOf({ generation: 8, values: { greeting: 'a\nb' } }),
    null,
    2,
  ).replace('"a\\nb"', '"a\\nb", "exact": 12345678901234567890.10');
  await until(() => expect(server.openStreams).toBe(1));
  server.writeToStreams(
    `${pretty
      .split('\n')
      .map((line) => `data: ${line}`)
      .join('\n')}\n\n`,
  );
  await until(async () => {
    const { body } = await get(configsOf(url));
    expect(body.toString()).toContain('12345678901234567890.10');
    expect(body.toString()).not.toMatch(/[\n\r]/);
    expect(JSON.parse(body.toString())).toEqual(JSON.parse(pretty));
  });
});
