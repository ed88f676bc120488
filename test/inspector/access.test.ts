import {
  type CanActivate,
  type ExecutionContext,
  Injectable,
  Module,
  UnauthorizedException,
  VersioningType,
} from '@nestjs/common';
import { request } from 'node:http';
import { connect } from 'node:net';
import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { constant, setEnv } from '../support/configs.js';
import { ADAPTERS, inspected } from './support/application.js';

const configs = [constant('greeting', 'string', 'hello')];

@Injectable()
class Tokens {
  accepts(header: unknown): boolean {
    return header === 'Bearer secret';
  }
}

@Module({ providers: [Tokens], exports: [Tokens] })
class TokensModule {}

@Injectable()
class TokenGuard implements CanActivate {
  constructor(private readonly tokens: Tokens) {}

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, unknown> }>();
    if (!this.tokens.accepts(headers['authorization'])) throw new UnauthorizedException();
    return true;
  }
}

/** Every kind of URL below the inspector. */
const PATHS = ['', '/api/keys', '/api/key?key=greeting', '/api/health', '/api/history'];

/** The status for a request with headers that `fetch` does not let anybody set. */
function statusWith(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

describe.each(ADAPTERS)('who may open the inspector, on %s', (adapter) => {
  it('a guard class protects the page and everything below it, with dependencies from imports', async () => {
    const inspector = { guard: TokenGuard, imports: [TokensModule] };
    const { ask } = await inspected(configs, { adapter, inspector });
    for (const path of [...PATHS, '/api/differences', '/api/contexts', '/api/events']) {
      expect((await ask(path)).status, path).toBe(401);
    }
    for (const path of PATHS) {
      const headers = { authorization: 'Bearer secret' };
      expect((await ask(path, undefined, headers)).status, path).toBe(200);
    }
  });

  it('authorize decides for each request, and may be async', async () => {
    const authorize = async ({ headers }: { headers: Record<string, string> }) =>
      headers['x-user'] === 'admin';
    const { ask } = await inspected(configs, { adapter, inspector: { authorize } });
    expect((await ask('/api/health')).status).toBe(403);
    expect((await ask('/api/health', undefined, { 'x-user': 'admin' })).status).toBe(200);
  });

  it('authorize allows a request only by returning true; an error refuses it', async () => {
    const answers = ['no', 1, {}, undefined, Promise.resolve('no'), Promise.resolve({})];
    let answer: () => unknown = () => true;
    const inspector = { authorize: (() => answer()) as () => boolean };
    const { ask } = await inspected(configs, { adapter, inspector });
    expect((await ask('/api/health')).status).toBe(200);
    for (const one of answers) {
      answer = () => one;
      expect((await ask('/api/health')).status).toBe(403);
    }
    answer = () => {
      throw new Error('no session store');
    };
    expect((await ask('/api/health')).status).toBe(500);
  });

  it('without protection, requests that come from elsewhere are refused', async () => {
    const { origin } = await inspected(configs, { adapter });
    const url = `${origin}/quonfig/api/health`;
    expect(await statusWith(url, {})).toBe(200);
    for (const host of ['localhost:3000', '[::1]:3000', '127.0.0.1']) {
      expect(await statusWith(url, { host }), host).toBe(200);
    }
    const elsewhere = [
      'attacker.example',
      'localhost.attacker.example',
      '127.0.0.1.nip.io',
      '[::2]',
    ];
    for (const host of elsewhere) expect(await statusWith(url, { host }), host).toBe(403);
    const ofProxies = `forwarded via x-forwarded-for x-forwarded-host x-forwarded-proto x-real-ip
      cf-connecting-ip true-client-ip x-envoy-external-address`;
    for (const name of ofProxies.split(/\s+/)) {
      expect(await statusWith(url, { [name]: '203.0.113.7' }), name).toBe(403);
    }
  });

  it('without protection, a proxy that does not name its client is refused if it uses HTTP/1.0', async () => {
    const { origin } = await inspected(configs, { adapter });
    const { host, port } = new URL(origin);
    const statusLine = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1', () =>
        socket.write(`GET /quonfig/api/health HTTP/1.0\r\nHost: ${host}\r\n\r\n`),
      );
      socket.once('data', (data) => resolve(String(data).split('\r\n', 1)[0]!)).on('error', reject);
    });
    expect(statusLine).toContain('403');
  });

  it('with allowUnprotected, every request is served', async () => {
    const { origin } = await inspected(configs, {
      adapter,
      inspector: { allowUnprotected: true },
    });
    const url = `${origin}/quonfig/api/health`;
    expect(await statusWith(url, { 'x-forwarded-for': '203.0.113.7' })).toBe(200);
  });

  it('pages of other sites cannot use the API but can link to the page', async () => {
    const { ask } = await inspected(configs, {
      adapter,
      setUp: (app) => app.enableCors({ origin: true, credentials: true }),
    });
    const from = (site: string) => ({ 'sec-fetch-site': site });
    for (const path of ['/api/keys', '/api/events']) {
      expect((await ask(path, undefined, from('cross-site'))).status, path).toBe(403);
      expect((await ask(path, undefined, from('same-site'))).status, path).toBe(403);
    }
    expect((await ask('/api/keys', undefined, from('same-origin'))).status).toBe(200);
    expect((await ask('', undefined, from('cross-site'))).status).toBe(200);
  });

  it('a page of another origin is refused over plain HTTP, too, where browsers name nothing but the origin', async () => {
    const { ask, origin } = await inspected(configs, {
      adapter,
      setUp: (app) => app.enableCors({ origin: true, credentials: true }),
    });
    for (const other of [
      'http://attacker.example',
      'null',
      `${origin}1`,
      `http://x@${origin.slice(7)}`,
    ]) {
      for (const path of ['/api/keys', '/api/events', '/api/overrides']) {
        expect((await ask(path, undefined, { origin: other })).status, other).toBe(403);
      }
    }
    expect((await ask('/api/keys', undefined, { origin })).status).toBe(200);
  });

  it('the inspector is served below the global prefix, whatever the versioning', async () => {
    const { ask } = await inspected(configs, {
      adapter,
      path: '/api/admin/flags',
      inspector: { path: 'admin/flags' },
      setUp: (app) => {
        app.setGlobalPrefix('api');
        app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
      },
    });
    const page = await (await ask('')).text();
    expect(page).toContain('src="./flags/assets/page-');
    const [, script] = /src="\.\/flags(\/assets\/page-\w+\.js)"/.exec(page)!;
    const asset = await ask(script!);
    expect(asset.status).toBe(200);
    expect(asset.headers.get('content-type')).toMatch(/javascript/);
    expect((await ask('/api/keys')).status).toBe(200);
  });

  it('interceptors and filters of the application do not affect the inspector', async () => {
    const { json, ask } = await inspected(configs, {
      adapter,
      setUp: (app) => {
        app.useGlobalInterceptors({
          intercept: (_, next) => next.handle().pipe(map((data: unknown) => ({ wrapped: data }))),
        });
      },
    });
    expect(await json('/api/keys')).not.toHaveProperty('wrapped');
    expect(await (await ask('')).text()).not.toContain('wrapped');
  });

  it('every response has a strict policy and is not stored, except for files with a hash in their name', async () => {
    const { ask } = await inspected(configs, { adapter });
    const page = await ask('');
    for (const response of [page, await ask('/api/keys'), await ask('/api/key')]) {
      const policy = response.headers.get('content-security-policy')!;
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|\*/);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    }
    const files = [...(await page.text()).matchAll(/"\.\/quonfig(\/assets\/[^"]+)"/g)];
    expect(files).toHaveLength(3);
    for (const [, file] of files) {
      const response = await ask(file!);
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toContain('immutable');
    }
    for (const wrong of ['nothing.js', '__proto__', '..%2f..%2fpackage.json']) {
      expect((await ask(`/assets/${wrong}`)).status, wrong).toBe(404);
    }
  });
});

describe('an inspector in production', () => {
  it.each(['Production', 'PRODUCTION', 'prod', ' production '])(
    'NODE_ENV may be spelled "%s"',
    async (spelled) => {
      setEnv({ NODE_ENV: spelled });
      await expect(inspected(configs)).rejects.toMatchObject({ code: 'invalid_options' });
    },
  );

  it('an application without protection does not start, and the error says what to pass', async () => {
    setEnv({ NODE_ENV: 'production' });
    await expect(inspected(configs)).rejects.toMatchObject({
      code: 'invalid_options',
      message: expect.stringMatching(/guard or authorize.*allowUnprotected/),
    });
  });

  it.each([
    ['a guard', { guard: TokenGuard, imports: [TokensModule] }],
    ['authorize', { authorize: () => true }],
    ['allowUnprotected', { allowUnprotected: true }],
  ])('an application starts with %s', async (_, inspector) => {
    setEnv({ NODE_ENV: 'production' });
    await expect(inspected(configs, { inspector })).resolves.toBeDefined();
  });

  it('an empty list of guards does not count as protection', async () => {
    setEnv({ NODE_ENV: 'production' });
    await expect(inspected(configs, { inspector: { guard: [] } })).rejects.toMatchObject({
      code: 'invalid_options',
    });
  });
});

describe('options of the inspector', () => {
  it('all unusable options are refused in one error', async () => {
    const inspector = {
      path: '/a b"<',
      authorize: 'yes' as never,
      recentContexts: { max: 0, redact: 1 as never },
    };
    const error = await inspected(configs, { inspector }).catch((thrown: unknown) => thrown);
    const { problems } = error as { problems: string[] };
    expect(problems).toHaveLength(4);
    for (const name of ['path', 'authorize', 'recentContexts.max', 'recentContexts.redact']) {
      expect(problems.join('\n')).toContain(`${name} of the inspector`);
    }
  });

  it.each(['..', '/.', 'a/../b', '/...', '/', '*', '/a/:b'])(
    'the path %s is refused',
    async (path) => {
      await expect(inspected(configs, { inspector: { path } })).rejects.toMatchObject({
        code: 'invalid_options',
      });
    },
  );

  it('a path segment may contain dots', async () => {
    const { ask } = await inspected(configs, {
      path: '/.flags/v1.0',
      inspector: { path: '.flags/v1.0' },
    });
    expect((await ask('/api/keys')).status).toBe(200);
  });

  it('an unknown instance causes an error that names it', async () => {
    await expect(inspected(configs, { inspector: { name: 'billing' } })).rejects.toMatchObject({
      code: 'unknown_instance',
      message: expect.stringContaining('"billing"'),
    });
  });
});
