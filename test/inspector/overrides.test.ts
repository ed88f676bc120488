import { createHmac } from 'node:crypto';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { inspect } from 'node:util';
import { Body, Controller, Get, Header, Logger, Post, Res, type Type } from '@nestjs/common';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { QuonfigModule, QuonfigService, RequireFlag } from '../../lib/index.js';
import { QuonfigInspectorModule } from '../../lib/inspector/index.js';
import { Inspector } from '../../lib/inspector/inspector.js';
import { signalOf } from '../../lib/inspector/overridden-response.js';
import { OverrideTokens } from '../../lib/inspector/override-token.js';
import type { OverridesView } from '../../lib/inspector/overrides.js';
import {
  config,
  constant,
  EnvelopeFile,
  flagWhen,
  rule,
  setEnv,
  value,
  when,
} from '../support/configs.js';
import { RecordingLogger } from '../support/recording-logger.js';
import {
  ADAPTERS,
  inspected,
  type InspectedApplication,
  type InspectedSettings,
} from './support/application.js';

const SECRET = 'a secret of at least 32 characters';
const configs = [
  flagWhen('checkout.new', when('PROP_IS_ONE_OF', 'user.plan', ['pro'])),
  constant('limit', 'int', 5),
  config('token', 'string', [rule(value('string', 'secret', { confidential: true }))]),
];

@Controller()
class ShopController {
  constructor(private readonly quonfig: QuonfigService) {}

  @Get('shop')
  async shop() {
    await Promise.resolve();
    return { isNew: this.quonfig.isEnabled('checkout.new'), limit: this.quonfig.get('limit') };
  }

  @Post('shop')
  order(@Body() body: unknown) {
    return { body, limit: this.quonfig.get('limit') };
  }

  @Header('cache-control', 'public, max-age=600')
  @Header('cdn-cache-control', 'max-age=600')
  @Get('cached')
  cached() {
    return { limit: this.quonfig.get('limit') };
  }

  @Get('written')
  written(@Res() response: { raw?: ServerResponse }) {
    const raw = response.raw ?? (response as ServerResponse);
    raw.writeHead(200, { 'Cache-Control': 'public', 'x-limit': String(this.quonfig.get('limit')) });
    raw.end();
  }

  readonly polled: unknown[] = [];

  @Get('poll')
  poll() {
    const timer = setInterval(() => this.polled.push(this.quonfig.get('limit')), 5);
    onTestFinished(() => clearInterval(timer));
  }

  @RequireFlag('checkout.new')
  @Get('new')
  guarded() {
    return 'new';
  }
}

const shop = (settings: InspectedSettings = {}) =>
  inspected(configs, {
    metadata: { controllers: [ShopController] },
    ...settings,
    inspector: { overrides: { secret: SECRET }, ...settings.inspector },
  });

const encoded = (values: unknown) => Buffer.from(JSON.stringify(values)).toString('base64url');

/** Sets overrides as the page does. */
function set(
  { origin }: InspectedApplication,
  values: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${origin}/quonfig/api/overrides`, {
    method: 'POST',
    headers: { 'x-quonfig-override-values': encoded(values), ...headers },
  });
}

/** The cookie that overrides values, as a browser sends it. */
async function cookieOf(application: InspectedApplication, values: unknown): Promise<string> {
  const response = await set(application, values);
  expect(response.status).toBe(200);
  return response.headers.get('set-cookie')!.split(';')[0]!;
}

/** What the shop answers to a request with headers. */
async function shown({ origin }: InspectedApplication, headers: Record<string, string>) {
  const response = await fetch(`${origin}/shop`, { headers });
  return [response.headers.get('x-quonfig-overridden'), await response.json()];
}

const UNCHANGED = [null, { isNew: false, limit: 5 }];

describe.each(ADAPTERS)('overrides on %s', (adapter) => {
  it('requests with the cookie read the overrides, guards included, and no other request does', async () => {
    const application = await shop({ adapter });
    const cookie = await cookieOf(application, { 'checkout.new': true, limit: 7 });
    expect(await shown(application, { cookie: `a=b; ${cookie}; c=d` })).toEqual([
      'checkout.new,limit',
      { isNew: true, limit: 7 },
    ]);
    const { origin } = application;
    expect((await fetch(`${origin}/new`, { headers: { cookie } })).status).toBe(200);
    expect((await fetch(`${origin}/new`)).status).toBe(404);
    expect(await shown(application, {})).toEqual(UNCHANGED);
  });

  it('a request with a body reads the overrides', async () => {
    const application = await shop({ adapter });
    const cookie = await cookieOf(application, { limit: 7 });
    const response = await fetch(`${application.origin}/shop`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: '{"a":1}',
    });
    expect(await response.json()).toEqual({ body: { a: 1 }, limit: 7 });
  });

  it('a header carries overrides where there are no cookies', async () => {
    const application = await shop({ adapter });
    const [, token] = (await cookieOf(application, { limit: 7 })).split('=');
    expect(await shown(application, { 'x-quonfig-overrides': token! })).toEqual([
      'limit',
      { isNew: false, limit: 7 },
    ]);
  });

  it('the cookie is not readable by scripts, is not sent by other sites, and expires', async () => {
    const application = await shop({ adapter });
    const cookie = (await set(application, { limit: 7 })).headers.get('set-cookie')!;
    expect(cookie).toMatch(/; Max-Age=3600; Path=\/; HttpOnly; SameSite=Lax$/);
    const ended = (await set(application, {})).headers.get('set-cookie')!;
    expect(ended).toMatch(/^quonfig-overrides=; Max-Age=0; /);
  });

  it('forged, changed, foreign and unreadable tokens are ignored', async () => {
    const application = await shop({ adapter });
    const [, token] = (await cookieOf(application, { limit: 7 })).split('=');
    const [payload, signature] = token!.split('.');
    const grant = JSON.parse(Buffer.from(payload!, 'base64url').toString()) as object;
    const signed = (body: string, secret: string) =>
      `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
    const ofInstance = new OverrideTokens(SECRET, 'billing', 3_600_000);
    const tokens = {
      unsigned: payload!,
      'of nobody': `${payload}.`,
      'with another secret': signed(payload!, 'another secret of at least 32 chars'),
      'with other values': `${encoded({ ...grant, values: { limit: 8 } })}.${signature}`,
      'signed for something else': signed(payload!, SECRET),
      'signed for something else, and no JSON': signed('x', SECRET),
      'for another instance': ofInstance.sign({ limit: 8 }, Date.now()),
      'written differently': `${token}=`,
      'cut off': token!.slice(0, -1),
      'with three parts': `${token}.x`,
      'too long': `${'x'.repeat(5_000)}.x`,
      nothing: '',
    };
    for (const [what, forged] of Object.entries(tokens)) {
      expect(await shown(application, { cookie: `quonfig-overrides=${forged}` }), what).toEqual(
        UNCHANGED,
      );
    }
  });

  it('a token that lasts longer than any new token is ignored, except for a small clock skew', async () => {
    const application = await shop({ adapter });
    const tokens = new OverrideTokens(SECRET, '', 3_600_000);
    const after = async (ms: number) => {
      const token = tokens.sign({ limit: 7 }, Date.now() + ms);
      return shown(application, { 'x-quonfig-overrides': token });
    };
    expect(await after(30_000)).not.toEqual(UNCHANGED);
    expect(await after(120_000)).toEqual(UNCHANGED);
  });

  it('an unusable header or a second cookie of the same name does not hide the usable one', async () => {
    const application = await shop({ adapter });
    const cookie = await cookieOf(application, { limit: 7 });
    const overridden = ['limit', { isNew: false, limit: 7 }];
    const forged = `quonfig-overrides=x.y; ${cookie}`;
    expect(await shown(application, { cookie: forged })).toEqual(overridden);
    expect(await shown(application, { cookie, 'x-quonfig-overrides': 'x.y' })).toEqual(overridden);
  });

  it('no cache keeps an overridden response, whatever the handler says', async () => {
    const application = await shop({ adapter });
    const cookie = await cookieOf(application, { limit: 7 });
    for (const path of ['/cached', '/written', '/shop']) {
      const { headers } = await fetch(`${application.origin}${path}`, { headers: { cookie } });
      expect(headers.get('cache-control'), path).toBe('private, no-store');
      expect(headers.get('cdn-cache-control'), path).toBeNull();
      if (path === '/written') expect(headers.get('x-limit')).toBe('7');
    }
    const { headers } = await fetch(`${application.origin}/cached`);
    expect(headers.get('cache-control')).toBe('public, max-age=600');
  });

  it('code that a request leaves running reads no override once the response is complete', async () => {
    const application = await shop({ adapter });
    const cookie = await cookieOf(application, { limit: 7 });
    await fetch(`${application.origin}/poll`, { headers: { cookie } });
    const { polled } = application.app.get(ShopController);
    await vi.waitFor(() => expect(polled.at(-1)).toBe(5));
  });

  it('the cookie is limited to HTTPS when the browser uses HTTPS, even behind a proxy that is not trusted', async () => {
    const application = await shop({ adapter });
    const of = async (origin: string) => {
      const headers = { origin, 'sec-fetch-site': 'same-origin' };
      return (await set(application, { limit: 7 }, headers)).headers.get('set-cookie');
    };
    expect(await of('https://shop.example')).toMatch(/; Secure$/);
    expect(await of('http://localhost:3000')).not.toMatch(/Secure/);
  });

  it('two instances are overridden at once, whatever their names are', async () => {
    const name = 'b; Path=/x é\n';
    const other = new EnvelopeFile([constant('rate', 'int', 1)]);
    const application = await shop({
      adapter,
      metadata: {
        controllers: [ShopController],
        imports: [
          QuonfigModule.forRoot({ name, datafile: other.path, logger: new RecordingLogger() }),
          QuonfigInspectorModule.register({ path: 'other', name, overrides: { secret: SECRET } }),
        ],
      },
    });
    const { origin } = application;
    const response = await fetch(`${origin}/other/api/overrides`, {
      method: 'POST',
      headers: { 'x-quonfig-override-values': encoded({ rate: 9 }) },
    });
    expect(response.status).toBe(200);
    const [second] = response.headers.get('set-cookie')!.split(';');
    expect(second).toMatch(/^quonfig-overrides-[\w%.-]+=[\w.-]+$/);
    const cookie = `${await cookieOf(application, { limit: 7 })}; ${second}`;
    const [keys] = await shown(application, { cookie });
    expect((keys as string).split(', ').toSorted()).toEqual(['limit', 'rate']);
  });

  it('overrides expire', async () => {
    const application = await shop({ adapter });
    const cookie = await cookieOf(application, { limit: 7 });
    const now = Date.now();
    const clock = vi.spyOn(Date, 'now').mockReturnValue(now + 3_600_001);
    expect(await shown(application, { cookie })).toEqual(UNCHANGED);
    clock.mockRestore();
    expect(await shown(application, { cookie })).not.toEqual(UNCHANGED);
  });

  it('an override whose config now has another type is ignored', async () => {
    const application = await shop({ adapter });
    const cookie = await cookieOf(application, { limit: 7, 'checkout.new': true });
    await application.update([configs[0]!, constant('limit', 'string', 'five')]);
    expect(await shown(application, { cookie })).toEqual([
      'checkout.new',
      { isNew: true, limit: 'five' },
    ]);
  });

  it('values of another type, hidden values and unknown keys are refused', async () => {
    const application = await shop({ adapter });
    for (const values of [{ limit: 'seven' }, { token: 'mine' }, { nothing: 1 }]) {
      const response = await set(application, values);
      expect(response.status).toBe(400);
      expect(response.headers.get('set-cookie')).toBeNull();
    }
    expect((await set(application, [1])).status).toBe(400);
  });

  it('pages of other origins cannot set overrides', async () => {
    const application = await shop({
      adapter,
      setUp: (app) => app.enableCors({ origin: true, credentials: true }),
    });
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      { origin: 'https://attacker.example' },
    ] as Record<string, string>[]) {
      expect((await set(application, { limit: 7 }, headers)).status).toBe(403);
    }
    const own = { 'sec-fetch-site': 'same-origin', origin: application.origin };
    expect((await set(application, { limit: 7 }, own)).status).toBe(200);
    // Over plain HTTP, browsers name the origin only.
    const { origin } = application;
    expect((await set(application, { limit: 7 }, { origin })).status).toBe(200);
    expect((await set(application, { limit: 7 }, { origin: 'null' })).status).toBe(403);
  });

  it('no form and no other method sets overrides', async () => {
    const application = await shop({ adapter });
    const url = `${application.origin}/quonfig/api/overrides`;
    const values = { 'x-quonfig-override-values': encoded({ limit: 7 }) };
    const asked: RequestInit[] = [
      { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{"limit":7}' },
      { method: 'POST', body: new URLSearchParams({ limit: '7' }) },
      { method: 'GET', headers: { ...values, 'x-http-method-override': 'POST' } },
      { method: 'HEAD', headers: values },
      { method: 'PUT', headers: values },
      { method: 'DELETE', headers: values },
    ];
    for (const request of asked) {
      expect((await fetch(url, request)).headers.get('set-cookie'), request.method).toBeNull();
    }
  });

  it('overrides are off by default', async () => {
    const application = await inspected(configs, { adapter });
    expect(await application.json('/api/overrides')).toEqual({ enabled: false, values: {} });
    expect((await set(application, { limit: 7 })).status).toBe(403);
  });

  it('in production only the allowed keys can be overridden', async () => {
    const before = await shop({ adapter });
    const cookie = await cookieOf(before, { limit: 7, 'checkout.new': true });
    setEnv({ NODE_ENV: 'production' });
    const overrides = { secret: SECRET, allowInProduction: ['limit'] };
    const application = await shop({ adapter, inspector: { authorize: () => true, overrides } });
    expect(await shown(application, { cookie })).toEqual(['limit', { isNew: false, limit: 7 }]);
    expect((await set(application, { 'checkout.new': true })).status).toBe(400);
    expect(await application.json<OverridesView>('/api/overrides')).toMatchObject({
      enabled: true,
      allowed: ['limit'],
    });
    const none = await shop({
      adapter,
      inspector: { authorize: () => true, overrides: { secret: SECRET } },
    });
    expect(await shown(none, { cookie })).toEqual(UNCHANGED);
  });
});

describe('code that a request with overrides has started', () => {
  afterEach(() => void vi.useRealTimers());

  it('the overrides end when they expire, even before the response is complete, and when the connection closes', () => {
    vi.useFakeTimers();
    const response = () => new ServerResponse(new IncomingMessage(new Socket()));
    const long = signalOf(response(), Date.now() + 5_000);
    const broken = response();
    const left = signalOf(broken, Date.now() + 5_000);
    broken.emit('close');
    expect([long.aborted, left.aborted]).toEqual([false, true]);
    vi.advanceTimersByTime(5_000);
    expect(long.aborted).toBe(true);
    expect(signalOf(response(), Date.now() + 30 * 86_400_000).aborted).toBe(false);
  });
});

describe('the log of an application with overrides', () => {
  it.each([
    ['development', undefined, /^Every flag and config can be overridden/],
    ['production', undefined, /^No key can be overridden/],
    ['production', ['limit'], /^In production, these keys can be overridden in requests: limit$/],
  ])(
    'in %s with %j, the log says which keys can be overridden',
    async (env, allowInProduction, line) => {
      setEnv({ NODE_ENV: env });
      const log = vi.spyOn(Logger.prototype, 'log');
      onTestFinished(() => log.mockRestore());
      const overrides = { secret: SECRET, allowInProduction };
      await shop({ inspector: { authorize: () => true, overrides } });
      expect(log.mock.calls.map(([message]) => String(message))).toContainEqual(
        expect.stringMatching(line),
      );
    },
  );
});

describe('the secret that signs overrides', () => {
  it('inspecting the objects of the inspector never shows the secret', async () => {
    const { app } = await shop();
    for (const part of [Inspector, QuonfigInspectorModule] as Type<object>[]) {
      const instance = app.get(part, { strict: false });
      expect(inspect(instance, { depth: 20, showHidden: true })).not.toContain(SECRET);
    }
    const { overrides } = app.get<Inspector>(Inspector, { strict: false });
    expect(inspect(overrides, { depth: 20, showHidden: true })).not.toContain(SECRET);
  });
});

describe('override options', () => {
  it('all unusable options are refused in one error', async () => {
    const overrides = { secret: 'short', maxAgeMs: 0, allowInProduction: 'all' as never };
    const error = await shop({ inspector: { overrides } }).catch((thrown: unknown) => thrown);
    expect((error as { problems: string[] }).problems).toHaveLength(3);
    expect(String(error)).not.toContain('short"');
  });
});
