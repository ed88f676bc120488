import 'reflect-metadata';
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type INestApplication, Module, type ModuleMetadata, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { onTestFinished } from 'vitest';
import { QuonfigModule, type QuonfigModuleOptions } from '../../../lib/index.js';
import { QuonfigRelayModule, type QuonfigRelayOptions } from '../../../lib/relay/index.js';
import { optionsFor } from '../../support/networked.js';
import { RecordingLogger } from '../../support/recording-logger.js';

/** A key of clients of the relay. */
export const RELAY_KEY = 'relay_key_0123456789';

const adapters = { express: () => new ExpressAdapter(), fastify: () => new FastifyAdapter() };
export type AdapterName = keyof typeof adapters;
export const ADAPTERS = ['express', 'fastify'] as const;

export interface RelayApplication {
  readonly app: INestApplication;
  readonly url: string;
}

/** Starts an application that closes with the test. */
export async function application(
  metadata: ModuleMetadata,
  adapter: AdapterName = 'express',
  configure: (app: INestApplication) => void = () => undefined,
): Promise<RelayApplication> {
  @Module(metadata)
  class AppModule {}
  const type: Type = AppModule;
  const app = await NestFactory.create(type, adapters[adapter](), {
    logger: false,
    abortOnError: false,
  });
  onTestFinished(() => app.close());
  configure(app);
  await app.listen(0, '127.0.0.1');
  const { port } = (app.getHttpServer() as { address(): AddressInfo }).address();
  return { app, url: `http://127.0.0.1:${port}` };
}

/** Starts a relay of a delivery server: an application whose own service follows the server. */
export function relayOf(
  upstream: { url: string },
  options: Partial<QuonfigRelayOptions> & { adapter?: AdapterName } = {},
  own: Partial<QuonfigModuleOptions> = {},
): Promise<RelayApplication> {
  const { adapter, ...relay } = options;
  const imports = [
    QuonfigModule.forRoot(optionsFor(upstream, { logger: new RecordingLogger(), ...own })),
    QuonfigRelayModule.register({ keys: [RELAY_KEY], ...relay }),
  ];
  return application({ imports }, adapter);
}

/** Starts a relay of a workspace directory. */
export function relayOfDirectory(
  datadir: string,
  options: Partial<QuonfigRelayOptions> = {},
): Promise<RelayApplication> {
  const keys = [{ key: RELAY_KEY, environment: 'production' }];
  return application({ imports: [QuonfigRelayModule.register({ keys, datadir, ...options })] });
}

export const basic = (key: string): string => `Basic ${Buffer.from(`1:${key}`).toString('base64')}`;

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Opens a request with exactly these headers, and returns its response while the body may still arrive. */
export async function open(
  url: string,
  headers: Record<string, string> = { authorization: basic(RELAY_KEY) },
  method = 'GET',
): Promise<IncomingMessage> {
  const sent = request(url, { headers, method, agent: false });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.on('error', () => undefined);
  onTestFinished(() => void response.destroy());
  return response;
}

/** Sends a request with exactly these headers, and reads all of its response. */
export async function get(
  url: string,
  headers?: Record<string, string>,
  method?: string,
): Promise<Answer> {
  const response = await open(url, headers, method);
  const body = Buffer.concat((await response.toArray()) as Buffer[]);
  return { status: response.statusCode!, headers: response.headers, body };
}

/** The ids of events, complete or not. */
export function idsIn(text: string): string[] {
  return [...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id!);
}

/** The text of a stream so far. */
export class OpenStream {
  text = '';
  ended = false;

  private constructor(readonly response: IncomingMessage) {
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => (this.text += chunk));
    response.on('end', () => (this.ended = true));
  }

  static async of(url: string, headers?: Record<string, string>): Promise<OpenStream> {
    return new OpenStream(await open(`${url}/api/v2/sse/config`, headers));
  }

  get ids(): string[] {
    return idsIn(this.text);
  }

  /** The complete events, comments left out. */
  get events(): { id: string | undefined; envelope: { meta: object; configs: object[] } }[] {
    return this.text
      .split('\n\n')
      .slice(0, -1)
      .filter((event) => event.includes('data: '))
      .map((event) => {
        const line = (name: string): string | undefined =>
          event
            .split('\n')
            .find((text) => text.startsWith(name))
            ?.slice(name.length);
        return { id: line('id: '), envelope: JSON.parse(line('data: ')!) };
      });
  }
}
