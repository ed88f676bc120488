import { inspect } from 'node:util';
import { Logger } from '@nestjs/common';
import { BehaviorSubject, Subject } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { QuonfigService } from '../../lib/index.js';
import { QuonfigRelay, QuonfigRelayModule, type RelayKey } from '../../lib/relay/index.js';
import { ModulesContainer } from '@nestjs/core';
import { envelopeOf, SDK_KEY } from '../support/delivery-server.js';
import { serve, until } from '../support/networked.js';
import { ADAPTERS, basic, get, OpenStream, RELAY_KEY, relayOf } from './support/relays.js';

const first = envelopeOf({ generation: 7, values: { greeting: 'hello' } });
const OTHER_KEY = 'other_key_0123456789';

/** Everything that is logged through Nest during the test. */
function logged(): string[] {
  const lines: string[] = [];
  for (const level of ['log', 'warn', 'error', 'debug', 'verbose', 'fatal'] as const) {
    const spy = vi.spyOn(Logger.prototype, level).mockImplementation((message: unknown) => {
      lines.push(`${level} ${String(message)}`);
    });
    onTestFinished(() => spy.mockRestore());
  }
  return lines;
}

async function statusOf(url: string, authorization?: string): Promise<number> {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  return (await get(`${url}/api/v2/configs`, headers)).status;
}

describe.each(ADAPTERS)('the keys of a relay on %s', (adapter) => {
  it('requests without a valid key get status 401 on every path', async () => {
    const server = await serve({ envelope: first });
    const { url } = await relayOf(server, { adapter });
    const wrong = [
      undefined,
      '',
      'Basic',
      'Basic ???',
      `Bearer ${RELAY_KEY}`,
      basic(OTHER_KEY),
      basic(''),
      basic(RELAY_KEY.slice(0, -1)),
      basic(`${RELAY_KEY}x`),
      `Basic ${Buffer.from(`2:${RELAY_KEY}`).toString('base64')}`,
      `Basic ${Buffer.from(RELAY_KEY).toString('base64')}`,
    ];
    for (const authorization of wrong) expect(await statusOf(url, authorization)).toBe(401);
    expect(await statusOf(url, basic(RELAY_KEY))).toBe(200);
    for (const path of ['/api/v2/configs', '/api/v2/sse/config']) {
      const { status, headers, body } = await get(url + path, { authorization: basic(OTHER_KEY) });
      expect(status).toBe(401);
      expect(headers).toMatchObject({
        'www-authenticate': 'Basic realm="quonfig"',
        'content-type': 'application/json',
        'cache-control': 'no-store',
        connection: 'close',
      });
      expect(JSON.parse(body.toString())).toEqual({ error: 'unauthorized' });
    }
  });

  it('an Observable changes the keys: streams of removed keys end, the others stay', async () => {
    const server = await serve({ envelope: first });
    const keys = new BehaviorSubject<readonly RelayKey[]>([RELAY_KEY, OTHER_KEY]);
    const { url } = await relayOf(server, { adapter, keys });
    const [kept, removed] = await Promise.all([
      OpenStream.of(url),
      OpenStream.of(url, { authorization: basic(OTHER_KEY) }),
    ]);
    await until(() => expect(removed.events).toHaveLength(1));
    const added = 'added_key_0123456789';
    keys.next([RELAY_KEY, { key: added }]);
    await until(() => expect(removed.ended).toBe(true));
    expect(await statusOf(url, basic(OTHER_KEY))).toBe(401);
    expect(await statusOf(url, basic(added))).toBe(200);

    server.publish(envelopeOf({ generation: 8 }));
    await until(() => expect(kept.events).toHaveLength(2));
    expect(kept.ended).toBe(false);
  });
});

it('until the first list of keys arrives, clients are asked to retry instead of being refused', async () => {
  const server = await serve({ envelope: first });
  const keys = new Subject<readonly RelayKey[]>();
  const { url } = await relayOf(server, { keys });
  expect(await statusOf(url, basic(RELAY_KEY))).toBe(503);
  keys.next([RELAY_KEY]);
  expect(await statusOf(url, basic(RELAY_KEY))).toBe(200);
});

it('an invalid list of keys is ignored, and the log names the entry without the key', async () => {
  const lines = logged();
  const server = await serve({ envelope: first });
  const keys = new BehaviorSubject<readonly RelayKey[]>([RELAY_KEY]);
  const { url } = await relayOf(server, { keys });
  keys.next([OTHER_KEY, 'short']);
  expect(await statusOf(url, basic(RELAY_KEY))).toBe(200);
  expect(await statusOf(url, basic(OTHER_KEY))).toBe(401);
  const text = lines.join('\n');
  expect(text).toContain('"keys[1]"');
  expect(text).not.toMatch(/short\b(?!er)|other_key/);
});

it('no client is refused before the configs that contain the keys have arrived', async () => {
  const server = await serve({ envelope: first });
  server.configs.answerAlways({ status: 503 });
  server.stream.answerAlways({ status: 503 });
  const keys = new BehaviorSubject<readonly RelayKey[]>([]);
  const own = { initTimeout: 200, onInitFailure: 'return-defaults' } as const;
  const { app, url } = await relayOf(server, { keys }, own);
  expect(await statusOf(url, basic(RELAY_KEY))).toBe(503);
  server.configs.answerNormally();
  await app.get(QuonfigService).refresh();
  await until(async () => expect(await statusOf(url, basic(RELAY_KEY))).toBe(401));
  keys.next([RELAY_KEY]);
  expect(await statusOf(url, basic(RELAY_KEY))).toBe(200);
});

it('keys stay valid when their Observable fails', async () => {
  const lines = logged();
  const server = await serve({ envelope: first });
  const keys = new BehaviorSubject<readonly RelayKey[]>([RELAY_KEY]);
  const { url } = await relayOf(server, { keys });
  keys.error(new Error(`cannot read ${RELAY_KEY}`));
  expect(await statusOf(url, basic(RELAY_KEY))).toBe(200);
  expect(lines.join('\n')).toMatch(/Observable of relay keys failed/);
  expect(lines.join('\n')).not.toContain(RELAY_KEY);
});

it('a key for a different environment than that of the service is refused with one warning', async () => {
  const lines = logged();
  const server = await serve({ envelope: first });
  const keys = [RELAY_KEY, { key: OTHER_KEY, environment: 'staging' }];
  const { url } = await relayOf(server, { keys });
  expect(await statusOf(url, basic(OTHER_KEY))).toBe(401);
  expect(await statusOf(url, basic(OTHER_KEY))).toBe(401);
  const warnings = lines.filter((line) => line.includes('"staging"'));
  expect(warnings).toEqual([expect.stringMatching(/^warn .*delivers "production"/)]);
});

it('a flood of requests with an unknown key causes one warning per minute', async () => {
  const lines = logged();
  const server = await serve({ envelope: first });
  const { url } = await relayOf(server);
  for (let request = 0; request < 20; request++) await statusOf(url, basic(OTHER_KEY));
  expect(lines.filter((line) => line.includes('no valid key'))).toHaveLength(1);
});

it.each(ADAPTERS)(
  'no line of the log ever contains a key, whatever happens to it, on %s',
  async (adapter) => {
    const lines = logged();
    const server = await serve({ envelope: first });
    const browser = 'browser_key_0123456789';
    const keys = new BehaviorSubject<readonly RelayKey[]>([RELAY_KEY, OTHER_KEY]);
    const { app, url } = await relayOf(server, {
      adapter,
      keys,
      maxConnections: 2,
      evaluations: { keys: [browser] },
      telemetry: { url: server.url, sdkKey: SDK_KEY },
    });
    const unknown = 'unknown_key_0123456789';
    const open = await OpenStream.of(url, { authorization: basic(OTHER_KEY) });
    await OpenStream.of(url);
    const paths = ['configs', 'sse/config', 'configs/eval-with-context/e30'];
    for (const key of [RELAY_KEY, OTHER_KEY, browser, unknown, 'short']) {
      for (const path of paths) await get(`${url}/api/v2/${path}`, { authorization: basic(key) });
      await get(`${url}/api/v1/telemetry/`, { authorization: basic(key) }, 'POST');
    }
    keys.next([RELAY_KEY, { key: OTHER_KEY, environment: 'staging' }]);
    await until(() => expect(open.ended).toBe(true));
    await get(`${url}/api/v2/configs`, { authorization: basic(OTHER_KEY) });
    keys.next([RELAY_KEY, RELAY_KEY]);
    keys.next([RELAY_KEY, `${OTHER_KEY} `]);
    keys.error(new Error(`cannot read ${RELAY_KEY}`));
    await app.close();
    const text = lines.join('\n');
    // What the lines are about has happened.
    expect(text).toMatch(/no valid key/);
    expect(text).toMatch(/"staging"/);
    expect(text).toMatch(/"keys\[1\]"/);
    expect(text).toMatch(/Observable of relay keys failed/);
    for (const key of [RELAY_KEY, OTHER_KEY, browser, unknown, SDK_KEY]) {
      expect(text).not.toContain(key);
      expect(text).not.toContain(basic(key).slice('Basic '.length));
    }
  },
);

it('neither inspecting the application nor converting it to JSON shows a key', async () => {
  const server = await serve({ envelope: first });
  const keys = new BehaviorSubject<readonly RelayKey[]>([RELAY_KEY]);
  const { app, url } = await relayOf(server, { keys });
  await OpenStream.of(url);
  const relay = app.get(QuonfigRelay);
  const module = app.get(QuonfigRelayModule);
  const shown = [
    inspect(relay, { depth: 20, showHidden: true }),
    inspect(module, { depth: 20 }),
    JSON.stringify(relay),
    inspect([...app.get(ModulesContainer).values()], { depth: 6 }),
  ];
  for (const text of shown) expect(text).not.toContain(RELAY_KEY);
});
