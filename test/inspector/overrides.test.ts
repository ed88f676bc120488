import { createHmac } from 'node:crypto';
import { Body, Controller, Get, Post } from '@nestjs/common';
import { describe, expect, it, vi } from 'vitest';
import { QuonfigService, RequireFlag } from '../../lib/index.js';
import type { OverridesView } from '../../lib/inspector/overrides.js';
import { config, constant, flagWhen, rule, setEnv, value, when } from '../support/configs.js';
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
    const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString()) as object;
    const signed = (body: string, secret: string) =>
      `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
    const tokens = {
      unsigned: payload!,
      'of nobody': `${payload}.`,
      'with another secret': signed(payload!, 'another secret of at least 32 chars'),
      'with other values': `${encoded({ ...claims, values: { limit: 8 } })}.${signature}`,
      'for something else': signed(encoded({ ...claims, purpose: 'session' }), SECRET),
      'for another instance': signed(encoded({ ...claims, instance: 'billing' }), SECRET),
      'without an end': signed(encoded({ ...claims, expiresAt: undefined }), SECRET),
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

  it('overrides expire', async () => {
    const application = await shop({ adapter });
    const cookie = await cookieOf(application, { limit: 7 });
    const now = Date.now();
    const clock = vi.spyOn(Date, 'now').mockReturnValue(now + 3_600_001);
    expect(await shown(application, { cookie })).toEqual(UNCHANGED);
    clock.mockRestore();
    expect(await shown(application, { cookie })).not.toEqual(UNCHANGED);
  });

  it('an override whose config has another type now is ignored', async () => {
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

describe('options of overrides', () => {
  it('all unusable options are refused in one error', async () => {
    const overrides = { secret: 'short', maxAgeMs: 0, allowInProduction: 'all' as never };
    const error = await shop({ inspector: { overrides } }).catch((thrown: unknown) => thrown);
    expect((error as { problems: string[] }).problems).toHaveLength(3);
    expect(String(error)).not.toContain('short"');
  });
});
