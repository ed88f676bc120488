import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SdkKey } from '../../../lib/requests/index.js';
import type { QuonfigError } from '../../../lib/errors/index.js';
import type { Envelope } from '../../../lib/model/index.js';
import {
  type ChangedConfigs,
  ConfigEndpoint,
  type ConfigEndpointOptions,
} from '../../../lib/sources/http/config-endpoint.js';
import { DeliveryServer, envelopeOf, SDK_KEY } from '../../support/delivery-server.js';
import { FaultProxy } from '../../support/fault-proxy.js';
import type { ReceivedRequest } from '../../support/served-path.js';
import { unpackedEnvelope } from '../../support/unpacked-envelope.js';

const TIMEOUT = { timeout: 10_000, interval: 5 };
const CREDENTIALS = Buffer.from(`1:${SDK_KEY}`).toString('base64');

let server: DeliveryServer;
let proxy: FaultProxy;
let closing: AbortController;

beforeEach(async () => {
  closing = new AbortController();
  server = await DeliveryServer.start({ envelope: envelopeOf({ values: { greeting: 'hello' } }) });
  proxy = await FaultProxy.before(server.port);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  closing.abort();
  await proxy.close();
  await server.close();
});

describe('requests for configs', () => {
  it('a request sends the SDK key, the SDK version and the accepted type', async () => {
    await fetched(endpoint());
    expect(lastRequest()).toMatchObject({
      url: '/api/v2/configs',
      headers: {
        authorization: `Basic ${CREDENTIALS}`,
        'x-quonfig-sdk-version': 'nestjs-1.2.3',
        accept: 'application/json',
      },
    });
    expect(lastRequest().headers).not.toHaveProperty('if-none-match');
  });

  it('a request returns the envelope', async () => {
    expect((await fetched(endpoint())).envelope).toEqual(
      envelopeOf({ values: { greeting: 'hello' } }),
    );
  });

  it('a request keeps the path of its base URL', async () => {
    const { message } = await failure(endpoint({ base: `${server.url}/behind/a/gateway` }));
    expect(message).toContain('/behind/a/gateway/api/v2/configs responded with status 404');
  });

  it('a request leaves no connection open', async () => {
    await fetched(endpoint());
    await vi.waitFor(async () => expect(await server.connections()).toBe(0), TIMEOUT);
  });

  it('a request bypasses framework caches only in development', async () => {
    const inits: (RequestInit | undefined)[] = [];
    const leg = endpoint({
      fetch: (input, init) => {
        inits.push(init);
        return fetch(input, init);
      },
    });
    vi.stubEnv('NODE_ENV', 'development');
    await fetched(leg);
    expect(lastRequest().url).toMatch(/^\/api\/v2\/configs\?_=\d+$/);
    vi.stubEnv('NODE_ENV', 'production');
    await fetched(leg);
    expect(lastRequest().url).toBe('/api/v2/configs');
    expect(inits.map((init) => (init as { cache?: string }).cache)).toEqual([
      'no-store',
      undefined,
    ]);
  });

  it('a request uses the fetch option, or the current global fetch', async () => {
    const own = vi.fn(fetch);
    const global = vi.fn(fetch);
    const [withOwn, without] = [endpoint({ fetch: own }), endpoint()];
    vi.stubGlobal('fetch', global);
    await fetched(withOwn);
    expect([own.mock.calls.length, global.mock.calls.length]).toEqual([1, 0]);
    await fetched(without);
    expect([own.mock.calls.length, global.mock.calls.length]).toEqual([1, 1]);
  });

  it('compressed bodies are decompressed', async () => {
    server.configs.answerNext({
      status: 200,
      headers: { 'content-encoding': 'gzip' },
      body: gzipSync(JSON.stringify(envelopeOf({ generation: 5 }))),
    });
    expect((await fetched(endpoint())).envelope.meta.generation).toBe(5);
  });
});

describe('ETags', () => {
  it('an accepted envelope is not downloaded again', async () => {
    const leg = endpoint();
    (await fetched(leg)).accepted();
    expect(await leg.fetchConfigs(closing.signal)).toEqual({ status: 'unchanged' });
    server.publish(envelopeOf({ generation: 2 }));
    expect((await fetched(leg)).envelope.meta.generation).toBe(2);
  });

  it('an envelope that was not accepted is downloaded again', async () => {
    const leg = endpoint();
    await fetched(leg);
    await fetched(leg);
    expect(lastRequest().headers).not.toHaveProperty('if-none-match');
  });

  it('the ETag of the accepted envelope is kept when later responses are not accepted', async () => {
    const leg = endpoint();
    (await fetched(leg)).accepted();
    server.configs.answerNext(
      { status: 200, headers: { etag: '"unversioned"' }, body: JSON.stringify(envelopeOf()) },
      { status: 200, headers: { etag: '"broken"' }, body: '{"configs":' },
      { status: 200, headers: { etag: '"strange"' }, body: '{"configs":{}}' },
      { status: 500, headers: { etag: '"failed"' } },
    );
    await fetched(leg);
    for (let failures = 0; failures < 3; failures++) await failure(leg);
    expect(await leg.fetchConfigs(closing.signal)).toEqual({ status: 'unchanged' });
  });

  it('no ETag is sent when the accepted response had none', async () => {
    const leg = endpoint();
    (await fetched(leg)).accepted();
    server.configs.answerNext({ status: 200, body: JSON.stringify(envelopeOf()) });
    (await fetched(leg)).accepted();
    await fetched(leg);
    expect(lastRequest().headers).not.toHaveProperty('if-none-match');
  });

  it('every endpoint keeps its own ETag', async () => {
    const [one, other] = [endpoint(), endpoint()];
    (await fetched(one)).accepted();
    expect((await fetched(other)).envelope.configs).toHaveLength(1);
  });

  it('a "not modified" response is a failure when no ETag was sent', async () => {
    server.configs.answerNext({ status: 304 });
    expect(await failure(endpoint())).toMatchObject({ code: 'http_error', status: 304 });
  });
});

describe('error statuses', () => {
  it.each([204, 206, 400, 401, 403, 404, 429, 500, 503])(
    'status %i is a failure',
    async (status) => {
      server.configs.answerNext({ status });
      const error = await failure(endpoint());
      expect(error).toMatchObject({ name: 'DeliveryHttpError', code: 'http_error', status });
      expect(error.message).toContain(
        `${server.url}/api/v2/configs responded with status ${status}`,
      );
    },
  );

  it('an error quotes at most 1 KiB of the body on one line', async () => {
    server.configs.answerNext({
      status: 500,
      body: `first\r\n\u001b[31msecond ${'é'.repeat(5_000)}`,
    });
    const { message } = await failure(endpoint());
    expect(message).toContain(': first [31msecond éé');
    expect(message.match(/é/g)!.length).toBeLessThanOrEqual(512);
    expect(message).not.toContain('\uFFFD');
  });

  it('an error quotes the body without the SDK key, even where the quote is cut', async () => {
    for (const secret of [SDK_KEY, `Basic ${CREDENTIALS}`]) {
      for (const before of [0, 500, 1_010, 1_020, 1_023]) {
        const body = `${'.'.repeat(before)}${secret} was refused`;
        server.configs.answerNext({ status: 401, body });
        const { message } = await failure(endpoint());
        expect(message).not.toMatch(/qf_sk|MTpx/);
      }
    }
    server.configs.answerNext({ status: 401, body: `no ${SDK_KEY} here` });
    expect((await failure(endpoint())).message).toContain(
      ': no [redacted] here. Check the SDK key in the option sdkKey.',
    );
  });

  it('a failure does not wait for a body that stalls', async () => {
    server.configs.answerNext((_request, response) => void response.writeHead(503).write('half'));
    expect(await failure(endpoint())).toMatchObject({ code: 'http_error', status: 503 });
  });

  it('a failure closes the connection of an endless body', async () => {
    const sent = answerWithoutEnd(500);
    expect(await failure(endpoint())).toMatchObject({ code: 'http_error', status: 500 });
    await vi.waitFor(() => expect(sent.ended).toBe(true), TIMEOUT);
  });
});

describe('invalid envelopes', () => {
  it.each([
    ['an empty body', ''],
    ['an HTML page', '<html><body>Sign in</body></html>'],
    ['truncated JSON', '{"configs":[{"key":"a"},'],
    ['no meta', '{"configs":[]}'],
    ['no version', '{"configs":[],"meta":{}}'],
    ['no configs', '{"meta":{"version":"1"}}'],
    ['a list', '[]'],
    ['null', 'null'],
  ])('an invalid envelope is a failure: %s', async (_name, body) => {
    server.configs.answerNext({ status: 200, body });
    const error = await failure(endpoint());
    expect(error.code).toBe('invalid_envelope');
    expect(error.message).toContain(`${server.url}/api/v2/configs`);
  });

  it('a body that is not UTF-8 is a failure', async () => {
    const body = Buffer.from(JSON.stringify(envelopeOf({ values: { a: 'é' } })), 'latin1');
    server.configs.answerNext({ status: 200, body });
    expect((await failure(endpoint())).code).toBe('invalid_envelope');
  });

  it('the error for an invalid envelope does not quote it', async () => {
    server.configs.answerNext({ status: 200, body: '{"configs":[secret]}' });
    expect((await failure(endpoint())).message).not.toContain('secret');
  });
});

describe('maxEnvelopeBytes', () => {
  it('a body that is too large is not read to its end', async () => {
    const sent = answerWithoutEnd(200);
    const error = await failure(endpoint({ maxEnvelopeBytes: 100_000 }));
    expect(error.code).toBe('envelope_too_large');
    expect(error.message).toMatch(/exceeds 100000 bytes.*maxEnvelopeBytes/);
    await vi.waitFor(() => expect(sent.ended).toBe(true), TIMEOUT);
    expect(sent.bytes).toBeLessThan(50_000_000);
  });

  it('the size of a body is measured after decompression', async () => {
    server.configs.answerNext({
      status: 200,
      headers: { 'content-encoding': 'gzip' },
      body: gzipSync(' '.repeat(10_000_000)),
    });
    const error = await failure(endpoint({ maxEnvelopeBytes: 1_000_000 }));
    expect(error.code).toBe('envelope_too_large');
  });

  it('a body may be exactly maxEnvelopeBytes long', async () => {
    const { length } = Buffer.from(JSON.stringify(envelopeOf({ values: { greeting: 'hello' } })));
    await fetched(endpoint({ maxEnvelopeBytes: length }));
    expect((await failure(endpoint({ maxEnvelopeBytes: length - 1 }))).code).toBe(
      'envelope_too_large',
    );
  });
});

describe('redirects', () => {
  it('redirects within the origin are followed', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      server.configs.answerNext({ status, headers: { location: '/api/v2/configs?moved' } });
      expect((await fetched(endpoint())).envelope.configs).toHaveLength(1);
      expect(lastRequest().headers.authorization).toBe(`Basic ${CREDENTIALS}`);
    }
  });

  it('redirects to another origin are not followed, which protects the SDK key', async () => {
    const other = await DeliveryServer.start();
    for (const location of [
      `${other.url}/api/v2/configs`,
      `//127.0.0.1:${other.port}/x`,
      'http://',
    ]) {
      server.configs.answerNext({ status: 302, headers: { location } });
      expect(await failure(endpoint())).toMatchObject({ code: 'http_error', status: 302 });
    }
    expect(other.configs.requests).toEqual([]);
    await other.close();
  });

  it('endless redirects are a failure', async () => {
    server.configs.answerAlways({ status: 307, headers: { location: '/api/v2/configs' } });
    expect(await failure(endpoint())).toMatchObject({ code: 'http_error', status: 307 });
    expect(server.configs.requests.length).toBeLessThan(10);
  });
});

describe('network faults', () => {
  it('a refused connection is a failure', async () => {
    await proxy.refuse();
    const error = await failure(through());
    expect(error).toMatchObject({ name: 'DeliveryNetworkError', code: 'network_error' });
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('a request without a response fails at the timeout', async () => {
    proxy.hang();
    const error = await failure(through({ configFetchHedgeAbortMs: 50 }));
    expect(error.code).toBe('network_error');
    expect(error.message).toContain('it timed out after 50 ms');
  });

  it('a body that stalls fails at the timeout', async () => {
    server.configs.answerNext((_request, response) => {
      response.writeHead(200).write('{"configs":[');
    });
    const error = await failure(through({ configFetchHedgeAbortMs: 200 }));
    expect(error.message).toContain('it timed out after 200 ms');
  });

  it('a half-open connection fails at the timeout', async () => {
    server.configs.answerNext((_request, response, proceed) => {
      proxy.halfOpen();
      proceed();
      response.on('close', () => undefined);
    });
    expect((await failure(through({ configFetchHedgeAbortMs: 100 }))).code).toBe('network_error');
  });

  it('a reset connection is a failure', async () => {
    proxy.cutAfter(50, 'down', 'reset');
    expect((await failure(through())).code).toBe('network_error');
  });

  it('a connection that is cut anywhere is a failure and never yields partial configs', async () => {
    server.publish(envelopeOf({ values: { a: 'x'.repeat(500), b: 'y' } }));
    const leg = through();
    for (const bytes of [0, 1, 20, 200, 400, 800]) {
      proxy.cutAfter(bytes);
      // Some platforms treat the end of the connection as the end of the body, which is then incomplete JSON.
      expect((await failure(leg)).code).toMatch(/^(network_error|invalid_envelope)$/);
    }
    await proxy.restore();
    expect((await fetched(leg)).envelope.configs).toHaveLength(2);
  });

  it('a slow connection succeeds', async () => {
    server.publish(envelopeOf({ values: { a: 'x'.repeat(4_000) } }));
    proxy.delay(20, 'both');
    proxy.throttle(20_000);
    expect((await fetched(through())).envelope.configs).toHaveLength(1);
  });

  it('errors never contain the SDK key, whatever a custom fetch throws', async () => {
    const fetch = (_input: unknown, init?: RequestInit): Promise<Response> =>
      Promise.reject(
        Object.assign(new Error(`could not send ${JSON.stringify(init?.headers)}`), { init }),
      );
    const error = await failure(endpoint({ fetch }));
    expect(error.code).toBe('network_error');
    expect(error.cause).toBeUndefined();
    expect(error.message + error.stack).not.toMatch(/qf_sk|MTpx/);
  });
});

describe('aborted requests', () => {
  it('an aborted request rejects with the reason and closes the connection', async () => {
    const silent = answerNothing();
    const request = endpoint().fetchConfigs(closing.signal);
    await vi.waitFor(() => expect(silent.started).toBe(true), TIMEOUT);
    const reason = new Error('enough');
    closing.abort(reason);
    await expect(request).rejects.toBe(reason);
    await vi.waitFor(() => expect(silent.ended).toBe(true), TIMEOUT);
  });

  it('a request with an aborted signal is never sent', async () => {
    const reason = new Error('enough');
    closing.abort(reason);
    await expect(endpoint().fetchConfigs(closing.signal)).rejects.toBe(reason);
    expect(server.configs.requests).toEqual([]);
  });

  it('a request times out even if a custom fetch ignores the signal', async () => {
    const deaf = endpoint({
      configFetchHedgeAbortMs: 50,
      fetch: (input, init) => fetch(input, { ...init, signal: null }),
    });
    server.configs.answerNext('hold');
    expect((await failure(deaf)).message).toContain('it timed out after 50 ms');
    const half = answerNothing('{"configs":[');
    expect((await failure(deaf)).message).toContain('it timed out after 50 ms');
    await vi.waitFor(() => expect(half.ended).toBe(true), TIMEOUT);
    // A response that arrives late is closed too.
    const late = answerNothing('{"configs":[', 150);
    expect((await failure(deaf)).message).toContain('it timed out after 50 ms');
    await vi.waitFor(() => expect(late.ended).toBe(true), TIMEOUT);
  });

  it('a request leaves no timer and no listener behind', async () => {
    const { signal } = closing;
    const [add, remove] = [
      vi.spyOn(signal, 'addEventListener'),
      vi.spyOn(signal, 'removeEventListener'),
    ];
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      await fetched(endpoint());
      server.configs.answerNext({ status: 500, body: 'no' });
      await failure(endpoint());
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
    expect(add.mock.calls.length).toBe(remove.mock.calls.length);
  });
});

function endpoint(options: Partial<ConfigEndpointOptions> = {}): ConfigEndpoint {
  return new ConfigEndpoint({
    base: server.url,
    sdkKey: new SdkKey(SDK_KEY),
    keySource: 'the option sdkKey',
    sdkVersion: 'nestjs-1.2.3',
    maxEnvelopeBytes: 64 * 1024 * 1024,
    configFetchHedgeAbortMs: 15_000,
    currentConfigs: () => [],
    ...options,
  });
}

function through(options: Partial<ConfigEndpointOptions> = {}): ConfigEndpoint {
  return endpoint({ base: proxy.url, ...options });
}

async function fetched(
  leg: ConfigEndpoint,
): Promise<Omit<ChangedConfigs, 'envelope'> & { envelope: Envelope }> {
  const result = await leg.fetchConfigs(closing.signal);
  if (result.status === 'unchanged') throw new Error('The response was "not modified".');
  return { ...result, envelope: unpackedEnvelope(result.envelope) };
}

async function failure(leg: ConfigEndpoint): Promise<QuonfigError> {
  try {
    await leg.fetchConfigs(closing.signal);
  } catch (error) {
    return error as QuonfigError;
  }
  throw new Error('The request did not fail.');
}

/** Answers the next request with an endless body. */
function answerWithoutEnd(status: number): { bytes: number; ended: boolean } {
  const sent = { bytes: 0, ended: false };
  server.configs.answerNext((_request, response) => {
    response.writeHead(status);
    response.on('close', () => (sent.ended = true));
    const more = (): void => {
      do sent.bytes += 10_000;
      while (!sent.ended && response.write(' '.repeat(10_000)));
    };
    response.on('drain', more);
    more();
  });
  return sent;
}

/** Never answers the next request, or sends only the start of a body after a delay. */
function answerNothing(start = '', afterMs = 0): { started: boolean; ended: boolean } {
  const answer = { started: false, ended: false };
  server.configs.answerNext((_request, response) => {
    answer.started = true;
    response.on('close', () => (answer.ended = true));
    if (start !== '') setTimeout(() => response.writeHead(200).write(start), afterMs);
  });
  return answer;
}

function lastRequest(): ReceivedRequest {
  return server.configs.requests.at(-1)!;
}
