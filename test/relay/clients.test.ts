import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { QuonfigModule } from '../../lib/index.js';
import { QuonfigRelay, QuonfigRelayModule } from '../../lib/relay/index.js';
import { QuonfigTestingModule, TestQuonfig } from '../../lib/testing/index.js';
import { Controller, Get, UseGuards, VersioningType } from '@nestjs/common';
import { envelopeOf } from '../support/delivery-server.js';
import { connectTo, optionsFor, serve, until } from '../support/networked.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { temporaryDirectory } from '../support/workspace.js';
import { ADAPTERS, application, get, RELAY_KEY, relayOf } from './support/relays.js';

const first = envelopeOf({ generation: 7, version: 'v7', values: { greeting: 'hello' } });
const client = (url: string, more = {}) => connectTo({ url }, { sdkKey: RELAY_KEY, ...more });

describe.each(ADAPTERS)('a client of a relay on %s', (adapter) => {
  it('a client reads what the upstream publishes, over the stream of the relay', async () => {
    const server = await serve({ envelope: first });
    const { url } = await relayOf(server, { adapter });
    const { service, log } = await client(url);
    expect(service.getString('greeting')).toBe('hello');
    await until(() => expect(service.connectionState()).toBe('connected'));
    server.publish(envelopeOf({ generation: 8, version: 'v8', values: { greeting: 'hi' } }));
    await until(() => expect(service.getString('greeting')).toBe('hi'));
    expect(service.health()).toMatchObject({ generation: 8, version: 'v8', source: 'stream' });
    expect(log.problems).toEqual([]);
    expect(server.openStreams).toBe(1);
  });

  it('polls of a client that has the current configs are answered without a body', async () => {
    const server = await serve({ envelope: first });
    const { url } = await relayOf(server, { adapter });
    const { service } = await client(url, { enableSSE: false });
    const { failedRefreshes } = service.metrics();
    await service.refresh();
    expect(service.metrics()).toMatchObject({ installs: 1, failedRefreshes });
  });

  it('a revoked key is a terminal failure of the client', async () => {
    const server = await serve({ envelope: first });
    const { url } = await relayOf(server, { adapter });
    await expect(client(url, { sdkKey: 'unknown_key_012345' })).rejects.toMatchObject({
      code: 'http_error',
      status: 401,
    });
  });

  it('a relay of a relay serves the same envelope under the same ETag', async () => {
    const server = await serve({ envelope: first });
    const near = await relayOf(server, { adapter });
    const far = await relayOf(near, { adapter }, { sdkKey: RELAY_KEY });
    const { service } = await client(far.url);
    server.publish(envelopeOf({ generation: 8, values: { greeting: 'hi' } }));
    await until(() => expect(service.getString('greeting')).toBe('hi'));
    const [one, other] = await Promise.all(
      [near, far].map(({ url }) => get(`${url}/api/v2/configs`)),
    );
    expect(one!.headers.etag).toBe(other!.headers.etag);
    expect(one!.body.equals(other!.body)).toBe(true);
  });

  it('the relay keeps serving while its upstream is down, also to new clients', async () => {
    const server = await serve({ envelope: first });
    const { url } = await relayOf(server, { adapter });
    await server.close();
    const { service } = await client(url);
    expect(service.getString('greeting')).toBe('hello');
  });

  it('the global prefix, versioning and guards of the application do not apply to the paths of the relay', async () => {
    class Nobody {
      canActivate(): boolean {
        return false;
      }
    }
    @Controller({ path: 'hello', version: '1' })
    @UseGuards(Nobody)
    class HelloController {
      @Get()
      hello(): string {
        return 'hello';
      }
    }
    const server = await serve({ envelope: first });
    const imports = [
      QuonfigModule.forRoot(optionsFor(server, { logger: new RecordingLogger() })),
      QuonfigRelayModule.register({ keys: [RELAY_KEY] }),
    ];
    const { url } = await application(
      { imports, controllers: [HelloController] },
      adapter,
      (app) => {
        app.setGlobalPrefix('api');
        app.enableVersioning({ type: VersioningType.URI });
        app.useGlobalGuards(new Nobody());
        app.useGlobalInterceptors({
          intercept: () => {
            throw new Error('not for the relay');
          },
        });
      },
    );
    expect((await get(`${url}/api/v1/hello`)).status).toBe(403);
    const { service } = await client(url);
    expect(service.getString('greeting')).toBe('hello');
  });

  it('with a path, clients use it as the base of their URLs', async () => {
    const server = await serve({ envelope: first });
    const { url } = await relayOf(server, { adapter, path: 'flags/relay/' });
    const { service } = await client(`${url}/flags/relay`);
    await until(() => expect(service.connectionState()).toBe('connected'));
    expect((await get(`${url}/api/v2/configs`)).status).toBe(404);
  });

  it('clients reach the relay through a reverse proxy that serves it below a path', async () => {
    const server = await serve({ envelope: first });
    const { url } = await relayOf(server, { adapter });
    const proxy = createServer((incoming, response) => {
      const { method, headers } = incoming;
      const path = incoming.url!.replace(/^\/flags/, '');
      const forwarded = request(url + path, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      });
      response.on('close', () => forwarded.destroy());
      forwarded.on('error', () => response.destroy()).end();
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    onTestFinished(() => {
      proxy.closeAllConnections();
      proxy.close();
    });
    const { port } = proxy.address() as AddressInfo;
    const { service } = await client(`http://127.0.0.1:${port}/flags`);
    await until(() => expect(service.connectionState()).toBe('connected'));
    server.publish(envelopeOf({ generation: 8, values: { greeting: 'hi' } }));
    await until(() => expect(service.getString('greeting')).toBe('hi'));
  });

  it('a relay serves a named instance', async () => {
    const server = await serve({ envelope: first });
    const options = optionsFor(server, { logger: new RecordingLogger() });
    const imports = [
      QuonfigModule.forRoot({ ...options, name: 'billing' }),
      QuonfigRelayModule.register({ keys: [RELAY_KEY], name: 'billing' }),
    ];
    const { url } = await application({ imports }, adapter);
    expect((await get(`${url}/api/v2/configs`)).status).toBe(200);
  });
});

it('a relay that starts during an outage serves the saved configs under the same ETag', async () => {
  const directory = temporaryDirectory();
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const persistence = { file: join(directory, 'saved') };
  const meta = { ...first.meta, workspaceId: 'w-1' };
  const server = await serve({ envelope: { ...first, meta } });
  const before = await relayOf(server, {}, { persistence });
  const { headers, body } = await get(`${before.url}/api/v2/configs`);
  await before.app.close();
  await server.close();

  const after = await relayOf(server, {}, { persistence, initTimeout: 500 });
  const saved = await get(`${after.url}/api/v2/configs`);
  expect(saved.body.toString()).toBe(body.toString());
  expect(saved.headers.etag).toBe(headers.etag);
});

it('a relay serves the values that a test sets', async () => {
  const imports = [
    QuonfigTestingModule.forValues({ greeting: 'hello' }),
    QuonfigRelayModule.register({ keys: [RELAY_KEY] }),
  ];
  const { app, url } = await application({ imports });
  const { service } = await client(url);
  expect(service.getString('greeting')).toBe('hello');
  const values = app.get(TestQuonfig);
  values.set('greeting', 'hi');
  await until(() => expect(service.getString('greeting')).toBe('hi'));
  expect(app.get(QuonfigRelay).status().environments).toEqual([
    { environment: 'test', version: expect.any(String), generation: 2 },
  ]);
});
