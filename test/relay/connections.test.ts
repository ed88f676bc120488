import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { QuonfigModule } from '../../lib/index.js';
import { QuonfigRelay, QuonfigRelayModule } from '../../lib/relay/index.js';
import { envelopeOf } from '../support/delivery-server.js';
import { until } from '../support/networked.js';
import { ADAPTERS, application, basic, get, RELAY_KEY } from './support/relays.js';

const datafile = envelopeOf({ generation: 7, version: 'v7', values: { greeting: 'hello' } });
const imports = [
  QuonfigModule.forRoot({ datafile }),
  QuonfigRelayModule.register({ keys: [RELAY_KEY] }),
];

function requestFor(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: relay\r\nAuthorization: ${basic(RELAY_KEY)}\r\n\r\n`;
}

/** Opens a connection and sends this text. */
function send(url: string, text: string): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  socket.resume().write(text);
  return socket;
}

it.each(ADAPTERS)(
  'requests that wait for an earlier response no longer count once their connection is gone, on %s',
  async (adapter) => {
    const { app, url } = await application({ imports }, adapter);
    const relay = app.get(QuonfigRelay, { strict: false });
    const stream = requestFor('/api/v2/sse/config');
    const socket = send(url, stream.repeat(15) + requestFor('/api/v2/configs').repeat(5));
    await until(() => expect(relay.status()).toMatchObject({ streams: 15, connections: 20 }));
    socket.resetAndDestroy();
    await until(() => expect(relay.status()).toMatchObject({ streams: 0, connections: 0 }));
  },
);

it('a client that disconnects while a middleware of the application runs does not count forever', async () => {
  let started = 0;
  let passed = 0;
  const { app, url } = await application({ imports }, 'express', (created) => {
    created.use(async (_request: unknown, _response: unknown, next: () => void) => {
      started++;
      await setTimeout(100);
      passed++;
      next();
    });
  });
  const relay = app.get(QuonfigRelay, { strict: false });
  const paths = ['/api/v2/sse/config', '/api/v2/configs'];
  const sockets = paths.map((path) => send(url, requestFor(path)));
  await until(() => expect(started).toBe(2));
  for (const socket of sockets) socket.resetAndDestroy();
  await until(() => expect(passed).toBe(2));
  await until(() => expect(relay.status()).toMatchObject({ streams: 0, connections: 0 }));
});

it('many requests over one connection add one listener to it', async () => {
  const warnings: Error[] = [];
  const listener = (warning: Error): void => void warnings.push(warning);
  process.on('warning', listener);
  onTestFinished(() => void process.off('warning', listener));
  const { app, url } = await application({ imports });
  const relay = app.get(QuonfigRelay, { strict: false });
  let text = '';
  send(url, requestFor('/api/v2/configs').repeat(50)).on(
    'data',
    (chunk) => (text += String(chunk)),
  );
  await until(() => expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(50));
  await until(() => expect(relay.status().connections).toBe(0));
  expect(warnings).toEqual([]);
  expect((await get(`${url}/api/v2/configs`)).status).toBe(200);
});
