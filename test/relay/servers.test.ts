import 'reflect-metadata';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { expect, it, onTestFinished } from 'vitest';
import { QuonfigModule } from '../../lib/index.js';
import { QuonfigRelay, QuonfigRelayModule } from '../../lib/relay/index.js';
import { envelopeOf } from '../support/delivery-server.js';
import { serve, until } from '../support/networked.js';
import { temporaryDirectory } from '../support/workspace.js';
import { ADAPTERS, basic, RELAY_KEY, relayOf } from './support/relays.js';

const first = envelopeOf({ generation: 7, version: 'v7', values: { greeting: 'hello' } });

@Module({
  imports: [
    QuonfigModule.forRoot({ datafile: first }),
    QuonfigRelayModule.register({ keys: [RELAY_KEY] }),
  ],
})
class RelayModule {}

async function portOf(app: INestApplication): Promise<number> {
  await app.listen(0, '127.0.0.1');
  return (app.getHttpServer() as { address(): { port: number } }).address().port;
}

async function exchange(
  session: ClientHttp2Session,
  path: string,
): Promise<{ status: unknown; text: () => string }> {
  const stream = session.request({ ':path': path, authorization: basic(RELAY_KEY) });
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
  return { status: headers[':status'], text: () => text };
}

it('HTTP/2 clients get the configs and the stream, which ends when the relay shuts down', async () => {
  const adapter = new FastifyAdapter({ http2: true } as never);
  const app = await NestFactory.create(RelayModule, adapter, { logger: false });
  const port = await portOf(app);
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  onTestFinished(() => session.destroy());
  const configs = await exchange(session, '/api/v2/configs');
  expect(configs.status).toBe(200);
  await until(() => expect(JSON.parse(configs.text())).toEqual(first));
  const stream = await exchange(session, '/api/v2/sse/config');
  await until(() => expect(stream.text()).toBe(`id: v7\ndata: ${configs.text()}\n\n`));
  const closing = app.close();
  await until(() => expect(stream.text()).toMatch(/\nretry: \d+\n\n$/));
  session.close();
  await closing;
});

it.each(ADAPTERS)(
  'closing on %s does not wait for connections that have sent no request',
  async (adapter) => {
    const server = await serve({ envelope: first });
    const { app, url } = await relayOf(server, { adapter });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    await app.close();
    expect(app.get(QuonfigRelay).status().connections).toBe(0);
  },
);

it('closing does not wait for connections that have sent no request after their TLS handshake', async () => {
  const directory = temporaryDirectory();
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const [key, cert] = ['key', 'cert'].map((name) => join(directory, name)) as [string, string];
  const certificate = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=relay'];
  execFileSync('openssl', [...certificate, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const https = { key: readFileSync(key), cert: readFileSync(cert) };
  const adapter = new FastifyAdapter({ https } as never);
  const app = await NestFactory.create(RelayModule, adapter, { logger: false });
  const socket = connectTls({
    port: await portOf(app),
    host: '127.0.0.1',
    rejectUnauthorized: false,
  });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'secureConnect');
  const closed = once(socket, 'close');
  await app.close();
  await closed;
});
