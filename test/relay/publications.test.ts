import { ServerResponse } from 'node:http';
import { brotliCompress, gunzipSync, gzip } from 'node:zlib';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Publication } from '../../lib/relay/publication.js';
import { constant } from '../support/configs.js';
import { envelopeOf } from '../support/delivery-server.js';
import { serve, until } from '../support/networked.js';
import { ADAPTERS, basic, get, OpenStream, RELAY_KEY, relayOf } from './support/relays.js';

vi.mock('node:zlib', async (original) => {
  const zlib = await original<typeof import('node:zlib')>();
  return { ...zlib, gzip: vi.fn(zlib.gzip), brotliCompress: vi.fn(zlib.brotliCompress) };
});

const auth = { authorization: basic(RELAY_KEY) };
const update = (generation: number) =>
  envelopeOf({
    generation,
    version: `v${generation}`,
    values: { greeting: `hello ${generation}` },
  });

const compressions = (): number[] =>
  [gzip, brotliCompress].map((compress) => vi.mocked(compress).mock.calls.length);

beforeEach(() => {
  vi.mocked(gzip).mockClear();
  vi.mocked(brotliCompress).mockClear();
});

describe.each(ADAPTERS)('an update on %s', (adapter) => {
  it('an update is serialized once, and every client gets the same bytes in memory', async () => {
    const server = await serve({ envelope: update(7) });
    const { url } = await relayOf(server, { adapter });
    const streams = await Promise.all(Array.from({ length: 5 }, () => OpenStream.of(url)));
    await until(() => expect(streams.every(({ ids }) => ids.includes('v7'))).toBe(true));
    const serialize = vi.spyOn(Publication, 'of');
    const write = vi.spyOn(ServerResponse.prototype, 'write');
    onTestFinished(() => void vi.restoreAllMocks());
    server.publish(update(8));
    await until(() => expect(streams.every(({ ids }) => ids.includes('v8'))).toBe(true));
    await Promise.all(['gzip', 'br', 'identity'].map((each) => configs(url, each)));
    expect(serialize).toHaveBeenCalledOnce();
    // The delivery server of the test writes strings.
    const written = write.mock.calls
      .map(([chunk]) => chunk as unknown)
      .filter((chunk) => Buffer.isBuffer(chunk));
    expect(written).toHaveLength(5);
    expect(new Set(written).size).toBe(1);
  });

  it('of a large envelope, the pieces without a change are the bytes of the publication before', async () => {
    const large = (generation: number): ReturnType<typeof envelopeOf> =>
      envelopeOf({
        generation,
        version: `v${generation}`,
        configs: Array.from({ length: 3_000 }, (_, index) =>
          constant(`key-${index}`, 'string', `${index === 1_500 ? generation : 0}`.repeat(1_000)),
        ),
      });
    const server = await serve({ envelope: large(7) });
    const { url } = await relayOf(server, { adapter });
    const stream = await OpenStream.of(url);
    await until(() => expect(stream.ids).toContain('v7'));
    const write = vi.spyOn(ServerResponse.prototype, 'write');
    onTestFinished(() => void vi.restoreAllMocks());
    const written = (): Buffer[] =>
      write.mock.calls.map(([chunk]) => chunk as Buffer).filter((chunk) => Buffer.isBuffer(chunk));
    server.publish(large(8));
    await until(() => expect(stream.ids).toContain('v8'));
    const before = written();
    write.mockClear();
    server.publish(large(9));
    await until(() => expect(stream.ids).toContain('v9'));
    expect(before.length).toBeGreaterThan(4);
    expect(written().filter((piece) => !before.includes(piece))).toHaveLength(3);
    const { body, headers } = await configs(url, 'identity');
    expect(JSON.parse(body.toString())).toEqual(large(9));
    expect(headers['content-length']).toBe(String(body.length));
    const compressed = await configs(url, 'gzip');
    expect(gunzipSync(compressed.body).equals(body)).toBe(true);
    expect(compressed.headers.etag).toBe(headers.etag);
  });

  it('each encoding is compressed once, when the first client asks for it', async () => {
    const server = await serve({ envelope: update(7) });
    const { url } = await relayOf(server, { adapter });
    expect(compressions()).toEqual([0, 0]);
    const burst = (encoding: string) =>
      Promise.all(Array.from({ length: 8 }, () => configs(url, encoding)));
    await burst('gzip');
    expect(compressions()).toEqual([1, 0]);
    await burst('br');
    await burst('gzip, br');
    await burst('identity');
    expect(compressions()).toEqual([1, 1]);
    server.publish(update(8));
    await until(async () =>
      expect((await configs(url, 'identity')).body.toString()).toContain('hello 8'),
    );
    await burst('gzip');
    expect(compressions()).toEqual([2, 1]);
  });

  it('an ETag of one encoding gets status 304 for every other, without compressing', async () => {
    const server = await serve({ envelope: update(7) });
    const { url } = await relayOf(server, { adapter });
    const encodings = ['identity', 'gzip', 'br'];
    const tags = await Promise.all(
      encodings.map(async (each) => (await configs(url, each)).headers.etag!),
    );
    const before = compressions();
    for (const tag of tags) {
      for (const encoding of encodings) {
        const answer = await configs(url, encoding, { 'if-none-match': tag });
        expect(answer).toMatchObject({ status: 304, headers: { etag: tag } });
        expect(answer.headers).not.toHaveProperty('content-encoding');
        expect(answer.body).toHaveLength(0);
      }
    }
    expect(compressions()).toEqual(before);
  });
});

const configs = (url: string, encoding: string, more: Record<string, string> = {}) =>
  get(`${url}/api/v2/configs`, { ...auth, 'accept-encoding': encoding, ...more });
