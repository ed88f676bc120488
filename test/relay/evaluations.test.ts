import { gunzipSync } from 'node:zlib';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Config } from '../../lib/index.js';
import { EvaluationsHandler } from '../../lib/relay/evaluations/evaluations.handler.js';
import type { RelayEvaluationOptions } from '../../lib/relay/index.js';
import {
  always,
  config,
  constant,
  flagWhen,
  inSegment,
  no,
  rule,
  segment,
  setEnv,
  split,
  value,
  when,
  yes,
} from '../support/configs.js';
import { envelopeOf } from '../support/delivery-server.js';
import { serve, until } from '../support/networked.js';
import {
  ADAPTERS,
  type Answer,
  basic,
  get,
  OpenStream,
  RELAY_KEY,
  type RelayApplication,
  relayOf,
} from './support/relays.js';

const BROWSER_KEY = 'browser_key_0123456789';
const PATH = '/api/v2/configs/eval-with-context/';
const auth = { authorization: basic(BROWSER_KEY) };

const sent = (key: string, stored: Config): Config => ({ ...stored, key, sendToClientSdk: true });

const configs: Config[] = [
  flagWhen('beta', inSegment('staff')),
  segment('staff', when('PROP_ENDS_WITH_ONE_OF', 'user.email', ['@example.com'])),
  config('static', 'bool', [rule(yes, always)], 'feature_flag'),
  config(
    'half',
    'bool',
    [
      rule(
        split([
          { weight: 0, value: no },
          { weight: 1, value: yes },
        ]),
      ),
    ],
    'feature_flag',
  ),
  sent('limit', constant('', 'int', '20')),
  sent('ratio', constant('', 'double', '0.5')),
  sent(
    'theme',
    config('', 'json', [
      rule(value('json', { dark: true }), when('PROP_IS_ONE_OF', 'user.plan', ['pro'])),
    ]),
  ),
  constant('internal', 'string', 'server only'),
  sent('secret', config('', 'string', [rule(value('string', 'hunter2', { confidential: true }))])),
  sent('sealed', config('', 'string', [rule(value('string', 'sealed', { decryptWith: 'key' }))])),
  sent(
    'provided',
    config('', 'string', [
      rule(value('provided', { source: 'ENV_VAR', lookup: 'QUONFIG_TEST_SECRET' })),
    ]),
  ),
  sent('broken', constant('', 'int', 'many')),
];
const workspace = envelopeOf({ generation: 3, version: 'v3', configs });

async function start(
  more: Partial<RelayEvaluationOptions> & { adapter?: 'express' | 'fastify' } = {},
): Promise<RelayApplication> {
  const { adapter = 'express', ...evaluations } = more;
  const server = await serve({ envelope: workspace });
  return relayOf(server, { adapter, evaluations: { keys: [BROWSER_KEY], ...evaluations } });
}

const base64 = (contexts: unknown): string =>
  Buffer.from(JSON.stringify(contexts)).toString('base64');

const evaluate = (
  { url }: RelayApplication,
  contexts: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  get(`${url}${PATH}${encodeURIComponent(base64(contexts))}?collectContextMode=PERIODIC_EXAMPLE`, {
    ...auth,
    ...headers,
  });

const valuesIn = ({ body }: Answer): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(JSON.parse(body.toString()).evaluations as Record<string, never>).map(
      ([key, evaluation]: [string, { value: { value: unknown } }]) => [key, evaluation.value.value],
    ),
  );

describe.each(ADAPTERS)('evaluations for browsers on %s', (adapter) => {
  it('a response contains every flag, and configs with sendToClientSdk, as JSON values', async () => {
    const relay = await start({ adapter });
    const answer = await evaluate(relay, { user: { email: 'a@example.com', plan: 'pro' } });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body.toString())).toEqual({
      evaluations: {
        beta: {
          value: { type: 'bool', value: true },
          configId: 'id-of-beta',
          configType: 'feature_flag',
          valueType: 'bool',
          reason: 2,
          ruleIndex: 0,
        },
        static: {
          value: { type: 'bool', value: true },
          configId: 'id-of-static',
          configType: 'feature_flag',
          valueType: 'bool',
          reason: 1,
          ruleIndex: 0,
        },
        half: {
          value: { type: 'bool', value: true },
          configId: 'id-of-half',
          configType: 'feature_flag',
          valueType: 'bool',
          reason: 3,
          ruleIndex: 0,
          weightedValueIndex: 1,
        },
        limit: {
          value: { type: 'int', value: 20 },
          configId: 'id-of-',
          configType: 'config',
          valueType: 'int',
          reason: 1,
          ruleIndex: 0,
        },
        ratio: expect.objectContaining({ value: { type: 'double', value: 0.5 } }),
        theme: expect.objectContaining({
          value: { type: 'json', value: { dark: true } },
          reason: 2,
        }),
      },
      meta: { version: 'v3', environment: 'production' },
    });
  });

  it('a rule that matches after others has the reason targeting, and a config without a match is absent', async () => {
    const values = valuesIn(await evaluate(await start({ adapter }), {}));
    expect(values).toEqual({ beta: false, static: true, half: true, limit: 20, ratio: 0.5 });
  });

  it('secrets, and variables of the environment, never reach a browser', async () => {
    setEnv({ QUONFIG_TEST_SECRET: 'hunter3' });
    const { body } = await evaluate(await start({ adapter }), {});
    expect(body.toString()).not.toMatch(/secret|sealed|provided|hunter|QUONFIG_TEST_SECRET/);
  });

  it.each([
    ['standard base64, percent-encoded', (text: string) => encodeURIComponent(text)],
    ['standard base64 as it is', (text: string) => text],
    [
      'base64url without padding',
      (text: string) => Buffer.from(text, 'base64').toString('base64url'),
    ],
  ])('contexts arrive as %s', async (_, encode) => {
    const relay = await start({ adapter });
    const contexts = (length: number) => ({
      user: { email: `${'x'.repeat(length)}>>>???@example.com`, plan: 'pro' },
    });
    // All that makes the alphabets different: "/", "+" and padding.
    const text = [0, 1, 2, 3, 4, 5]
      .map((length) => base64(contexts(length)))
      .find((each) => /^(?=.*[+])(?=.*[/]).*=$/.test(each))!;
    const answer = await get(`${relay.url}${PATH}${encode(text)}`, auth);
    expect(valuesIn(answer)).toMatchObject({ beta: true, theme: { dark: true } });
  });

  it.each([
    ['nothing', ''],
    ['no base64', '!!!'],
    ['no JSON', Buffer.from('{"user":').toString('base64url')],
    ['a list', base64([1])],
    ['a context that is a string', base64({ user: 'anna' })],
    ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')],
    ['a path that leaves the folder', '%2e%2e%2fconfigs'],
  ])('a request with %s instead of contexts gets status 400', async (_, text) => {
    const { url } = await start({ adapter });
    const answer = await get(`${url}${PATH}${text}`, auth);
    expect(answer.status).toBe(400);
    expect(answer.headers['access-control-allow-origin']).toBe('*');
  });

  it('contexts named like prototype properties are evaluated like any other', async () => {
    const { url } = await start({ adapter });
    const text = Buffer.from('{"__proto__":{"polluted":1},"constructor":{"a":1}}').toString(
      'base64url',
    );
    expect((await get(`${url}${PATH}${text}`, auth)).status).toBe(200);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('a path that is not valid percent-encoding gets status 400', async () => {
    const { url } = await start({ adapter });
    expect((await get(`${url}${PATH}%E0%A4%A`, auth)).status).toBe(400);
  });

  it('a response has an ETag, and a request that names it gets status 304', async () => {
    const relay = await start({ adapter });
    const { headers } = await evaluate(relay, { user: { plan: 'pro' } });
    const again = await evaluate(
      relay,
      { user: { plan: 'pro' } },
      { 'if-none-match': headers.etag! },
    );
    expect(again).toMatchObject({ status: 304, headers: { etag: headers.etag! } });
    expect(again.body).toHaveLength(0);
    const other = await evaluate(relay, {}, { 'if-none-match': headers.etag! });
    expect(other.status).toBe(200);
  });

  it('preflight requests get status 204 without a key', async () => {
    const { url } = await start({ adapter });
    const answer = await get(`${url}${PATH}abc`, { origin: 'https://a.example' }, 'OPTIONS');
    expect(answer).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET, POST, OPTIONS',
        'access-control-allow-headers':
          'Authorization, Content-Type, If-None-Match, X-Quonfig-SDK-Version',
        'access-control-expose-headers': 'ETag',
      },
    });
  });

  it('with origins, only those may read responses, and caches keep a response for each', async () => {
    const relay = await start({ adapter, origins: ['https://a.example', 'https://b.example'] });
    const from = (origin: string): Promise<Answer> => evaluate(relay, {}, { origin });
    const allowed = await from('https://b.example');
    expect(allowed.headers['access-control-allow-origin']).toBe('https://b.example');
    expect(allowed.headers.vary).toMatch(/Origin/);
    const other = await from('https://evil.example');
    expect(other.headers['access-control-allow-origin']).toBeUndefined();
    expect(other.headers.vary).toMatch(/Origin/);
  });

  it('without a valid key, the response is 401, and the page may read it', async () => {
    const relay = await start({ adapter });
    const wrong: Record<string, string> = { authorization: basic('wrong_key_0123456789') };
    for (const headers of [{}, wrong]) {
      const answer = await get(`${relay.url}${PATH}${base64({})}`, headers);
      expect(answer).toMatchObject({
        status: 401,
        headers: {
          'access-control-allow-origin': '*',
          'www-authenticate': 'Basic realm="quonfig"',
        },
      });
    }
  });

  it('a browser key opens neither configs nor the stream, and a server key opens no evaluations', async () => {
    const relay = await start({ adapter });
    expect((await get(`${relay.url}/api/v2/configs`, auth)).status).toBe(401);
    expect((await OpenStream.of(relay.url, auth)).response.statusCode).toBe(401);
    const answer = await evaluate(relay, {}, { authorization: basic(RELAY_KEY) });
    expect(answer.status).toBe(401);
  });

  it('a key is also accepted with the user name that newer browser SDKs send', async () => {
    const relay = await start({ adapter });
    const authorization = `Basic ${Buffer.from(`u:${BROWSER_KEY}`).toString('base64')}`;
    expect((await evaluate(relay, {}, { authorization })).status).toBe(200);
  });

  it('a server context replaces the whole context of that name that the client sends', async () => {
    const contexts = ({ headers }: IncomingMessage) =>
      headers.cookie === undefined ? undefined : { user: { email: 'guest@other.example' } };
    const relay = await start({ adapter, contexts });
    const claimed = { user: { email: 'a@example.com', plan: 'pro' } };
    expect(valuesIn(await evaluate(relay, claimed))).toMatchObject({ beta: true });
    const values = valuesIn(await evaluate(relay, claimed, { cookie: 'session=1' }));
    expect(values).toMatchObject({ beta: false });
    expect(values).not.toHaveProperty('theme');
  });

  it('if the identity cannot be determined, nothing is evaluated', async () => {
    const relay = await start({ adapter, contexts: () => Promise.reject(new Error('no session')) });
    const answer = await evaluate(relay, { user: { email: 'a@example.com' } });
    expect(answer.status).toBe(500);
    expect(answer.body.toString()).not.toContain('beta');
  });

  it('an identity that takes longer than 10 s counts as unknown', async () => {
    const contexts = vi.fn(() => new Promise<undefined>(() => undefined));
    const relay = await start({ adapter, contexts });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    let status: number | undefined;
    const answered = evaluate(relay, {}).then((answer) => (status = answer.status));
    while (contexts.mock.calls.length === 0) await new Promise(setImmediate);
    vi.advanceTimersByTime(9_999);
    await new Promise(setImmediate);
    expect(status).toBeUndefined();
    vi.advanceTimersByTime(1);
    await answered;
    expect(status).toBe(500);
  });

  it('without the option, the path does not exist', async () => {
    const server = await serve({ envelope: workspace });
    const { url } = await relayOf(server, { adapter });
    expect((await get(`${url}${PATH}${base64({})}`, auth)).status).toBe(404);
  });
});

describe('evaluations for browsers', () => {
  it('contexts of more than 64 KiB get status 414, where Node allows such a request', async () => {
    const handler = new EvaluationsHandler(PATH, undefined);
    const server = createServer({ maxHeaderSize: 262_144 }, (request, response) => {
      void handler.serve({ request, response }, undefined as never);
    });
    onTestFinished(() => void server.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const status = async (length: number): Promise<number> =>
      (await get(`http://127.0.0.1:${port}${PATH}${'A'.repeat(length)}`)).status;
    expect(await status(65_536)).toBe(400);
    expect(await status(65_537)).toBe(414);
    // By default, Node itself refuses a request of more than 16 KiB.
    const { url } = await start();
    expect((await get(`${url}${PATH}${'A'.repeat(17_000)}`, auth)).status).toBe(431);
  });

  it('an update changes evaluations and the ETag', async () => {
    const server = await serve({ envelope: workspace });
    const relay = await relayOf(server, { evaluations: { keys: [BROWSER_KEY] } });
    const { headers } = await evaluate(relay, {});
    server.publish(
      envelopeOf({ generation: 4, version: 'v4', configs: [flagWhen('beta', always)] }),
    );
    await until(async () => {
      const answer = await evaluate(relay, {}, { 'if-none-match': headers.etag! });
      expect(valuesIn(answer)).toEqual({ beta: true });
    });
  });

  it.each([
    ['no value', [{ criteria: [] }]],
    ['a null criterion', [{ criteria: [null], value: yes }]],
    ['null among its rules', [null]],
    ['a split of nothing', [{ value: { type: 'weighted_values', value: null } }]],
  ])('a flag with %s is left out, and the others are evaluated', async (_, rules) => {
    const malformed = { ...flagWhen('malformed', always), default: { rules } } as unknown as Config;
    const flags = [malformed, flagWhen('beta', always)];
    const server = await serve({ envelope: envelopeOf({ generation: 3, configs: flags }) });
    const relay = await relayOf(server, { evaluations: { keys: [BROWSER_KEY] } });
    expect(valuesIn(await evaluate(relay, {}))).toEqual({ beta: true });
  });

  it('a large response is compressed', async () => {
    const many = Array.from({ length: 200 }, (_, index) => flagWhen(`flag-${index}`, always));
    const server = await serve({ envelope: envelopeOf({ generation: 3, configs: many }) });
    const relay = await relayOf(server, { evaluations: { keys: [BROWSER_KEY] } });
    const answer = await evaluate(relay, {}, { 'accept-encoding': 'gzip' });
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(Object.keys(JSON.parse(gunzipSync(answer.body).toString()).evaluations)).toHaveLength(
      200,
    );
  });

  it('the telemetry of the relay does not include the evaluations of its clients', async () => {
    const server = await serve({ envelope: workspace });
    const relay = await relayOf(server, { evaluations: { keys: [BROWSER_KEY] } });
    await evaluate(relay, { user: { key: 'u-1' } });
    await relay.app.close();
    const bodies = server.telemetry.requests.map(({ body }) => body.toString());
    expect(bodies.join()).not.toMatch(/summaries|contextShapes|exampleContexts|u-1/);
  });
});
